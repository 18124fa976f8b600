// SPDX-License-Identifier: Apache-2.0
#include "simulator/stream_url.hpp"

#include <gtest/gtest.h>

namespace live::simulator {
namespace {

const WallTime now(std::chrono::seconds(1'700'000'000));
const StreamAddress address =
    make_stream_address({23058, 96640238, 10000}, now + std::chrono::hours(1), 1, "secret");

StreamVerdict verdict(const std::string& target, WallTime when = now, const std::string& secret = "secret") {
  return check_stream_target(target, when, secret).verdict;
}

TEST(StreamUrl, OpensUntilItExpires) {
  const std::string target = address.base_url + address.extra;
  const OpenedStream opened = check_stream_target(target, now, "secret");
  EXPECT_EQ(opened.verdict, StreamVerdict::good);
  EXPECT_EQ(opened.room_id, 23058);
  EXPECT_EQ(opened.quality, 10000);
  EXPECT_EQ(verdict(target, now + std::chrono::seconds(3600)), StreamVerdict::good);
  EXPECT_EQ(verdict(target, now + std::chrono::seconds(3601)), StreamVerdict::expired);
}

TEST(StreamUrl, NothingSignedCanBeChanged) {
  const std::string target = address.base_url + address.extra;
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = target;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  EXPECT_EQ(verdict(changed("qn=10000", "qn=20000")), StreamVerdict::wrong_signature);
  EXPECT_EQ(verdict(changed("expires=17", "expires=18")), StreamVerdict::wrong_signature);
  EXPECT_EQ(verdict(changed("_23058.flv", "_23059.flv")), StreamVerdict::wrong_signature);
  EXPECT_EQ(verdict(target, now, "another"), StreamVerdict::wrong_signature);
  EXPECT_EQ(verdict(address.base_url), StreamVerdict::wrong_signature);
  EXPECT_EQ(verdict("/live-bvc/1/live_x.flv?" + address.extra), StreamVerdict::unknown_path);
}

}  // namespace
}  // namespace live::simulator
