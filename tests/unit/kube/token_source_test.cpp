// SPDX-License-Identifier: Apache-2.0
#include "kube/token_source.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_directory.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct TokenSourceTest : testing::Test {
  test::TempDirectory directory;
  TimePoint now{1h};
};

TEST_F(TokenSourceTest, AConstantStaysAndCanNotBeRefreshed) {
  TokenSource source("abc", "");
  EXPECT_EQ(source.token(now), "abc");
  EXPECT_FALSE(source.refresh(now));
  EXPECT_EQ(TokenSource("", "").token(now), "");
}

TEST_F(TokenSourceTest, AFileIsReadAgainAfterAMinute) {
  const std::string file = directory.write("token", "one\n");
  TokenSource source("constant", file);
  EXPECT_EQ(source.token(now), "one");
  directory.write("token", "two");
  EXPECT_EQ(source.token(now + 59s), "one");
  EXPECT_EQ(source.token(now + 60s), "two");
}

TEST_F(TokenSourceTest, ARefusedTokenIsReadAgainAtOnce) {
  const std::string file = directory.write("token", "one");
  TokenSource source("", file);
  EXPECT_EQ(source.token(now), "one");
  directory.write("token", "two");
  EXPECT_TRUE(source.refresh(now + 1s));
  EXPECT_EQ(source.token(now + 1s), "two");
}

TEST_F(TokenSourceTest, AMissingEmptyOrStrangeFileKeepsTheOldToken) {
  const std::string file = directory.write("token", "one");
  TokenSource source("", file);
  EXPECT_EQ(source.token(now), "one");
  for (const char* text : {"", "\n", "two\nlines"}) {
    directory.write("token", text);
    now += 61s;
    EXPECT_EQ(source.token(now), "one") << text;
  }
  std::filesystem::remove(file);
  EXPECT_EQ(source.token(now + 61s), "one");
}

}  // namespace
}  // namespace live::kube
