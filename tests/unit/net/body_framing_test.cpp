// SPDX-License-Identifier: Apache-2.0
#include "net/body_framing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace live::net {
namespace {

std::size_t take(BodyFraming& framing, std::string text) {
  return framing.take({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

TEST(BodyFraming, CountsALength) {
  BodyFraming framing = BodyFraming::length(5);
  EXPECT_EQ(framing.want(100), 5U);
  EXPECT_EQ(framing.want(3), 3U);
  EXPECT_EQ(take(framing, "abc"), 3U);
  EXPECT_EQ(framing.left(), 2U);
  EXPECT_FALSE(framing.finished());
  EXPECT_FALSE(framing.end());
  EXPECT_EQ(take(framing, "deX"), 2U);
  EXPECT_TRUE(framing.finished());
  EXPECT_EQ(framing.excess(), 1U);
}

TEST(BodyFraming, IsFinishedWithALengthOfZero) { EXPECT_TRUE(BodyFraming::length(0).finished()); }

TEST(BodyFraming, TakesAHugeLength) {
  BodyFraming framing = BodyFraming::length(~std::uint64_t{0});
  EXPECT_EQ(framing.want(100), 100U);
  EXPECT_EQ(take(framing, "abc"), 3U);
  EXPECT_FALSE(framing.finished());
}

TEST(BodyFraming, EndsWithTheConnection) {
  BodyFraming framing = BodyFraming::until_close();
  EXPECT_EQ(framing.left(), std::nullopt);
  EXPECT_EQ(take(framing, "abc"), 3U);
  EXPECT_FALSE(framing.finished());
  EXPECT_TRUE(framing.end());
  EXPECT_TRUE(framing.finished());
}

TEST(BodyFraming, DecodesChunks) {
  BodyFraming framing = BodyFraming::chunked();
  EXPECT_EQ(take(framing, "3\r\nabc\r\n"), 3U);
  EXPECT_FALSE(framing.finished());
  EXPECT_FALSE(framing.end());
  EXPECT_EQ(take(framing, "0\r\n\r\nXY"), 0U);
  EXPECT_TRUE(framing.finished());
  EXPECT_EQ(framing.excess(), 2U);
}

TEST(BodyFraming, KnowsBrokenChunks) {
  BodyFraming framing = BodyFraming::chunked();
  EXPECT_EQ(take(framing, "zz\r\n"), 0U);
  EXPECT_TRUE(framing.broken());
  EXPECT_FALSE(framing.end());
}

}  // namespace
}  // namespace live::net
