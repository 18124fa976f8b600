// SPDX-License-Identifier: Apache-2.0
#include "recorder/host_scores.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

using namespace std::chrono_literals;

class HostScoresTest : public ::testing::Test {
 protected:
  std::string sorted(std::vector<std::string> hosts) const {
    std::vector<StreamCandidate> candidates;
    for (std::string& host : hosts) candidates.push_back({"https://" + host, host, WallTime::max()});
    scores_.sort(candidates, now_);
    std::string text;
    for (const StreamCandidate& candidate : candidates) text += candidate.host;
    return text;
  }
  HostScores scores_;
  TimePoint now_{1h};
};

TEST_F(HostScoresTest, KeepsTheOrderOfThePreferencesUntilAHostFails) {
  EXPECT_EQ(sorted({"a", "b", "c"}), "abc");
  scores_.ended("a", ConnectionEnd::refused, 0s, now_);
  EXPECT_EQ(sorted({"a", "b", "c"}), "bca");
  scores_.ended("b", ConnectionEnd::stalled, 0s, now_);
  EXPECT_EQ(sorted({"a", "b", "c"}), "cab");
}

TEST_F(HostScoresTest, ForgetsWithTime) {
  scores_.ended("a", ConnectionEnd::stalled, 0s, now_);
  EXPECT_DOUBLE_EQ(scores_.penalty("a", now_), 2);
  EXPECT_DOUBLE_EQ(scores_.penalty("a", now_ + 10min), 1);
  now_ += 11min;
  EXPECT_EQ(sorted({"a", "b"}), "ab");
}

TEST_F(HostScoresTest, OneShortStallAfterMediaIsEnoughTwoBreaksAre) {
  scores_.ended("a", ConnectionEnd::stalled, 30s, now_);
  EXPECT_EQ(sorted({"a", "b"}), "ba");
  scores_.ended("b", ConnectionEnd::broken, 30s, now_);
  EXPECT_EQ(sorted({"a", "b"}), "ba");
  scores_.ended("b", ConnectionEnd::broken, 30s, now_);
  EXPECT_EQ(sorted({"a", "b"}), "ab");
}

TEST_F(HostScoresTest, ALongConnectionIsNothingAgainstAHost) {
  scores_.ended("a", ConnectionEnd::broken, 5min, now_);
  EXPECT_EQ(scores_.penalty("a", now_), 0);
}

TEST_F(HostScoresTest, IsBounded) {
  for (int i = 0; i < 1000; ++i)
    scores_.ended(std::to_string(i), ConnectionEnd::stalled, 0s, now_ + std::chrono::seconds(i));
  int known = 0;
  for (int i = 0; i < 1000; ++i) known += scores_.penalty(std::to_string(i), now_ + 1000s) > 0 ? 1 : 0;
  EXPECT_EQ(known, static_cast<int>(HostScores::max_hosts));
  EXPECT_GT(scores_.penalty("999", now_ + 1000s), 0);
}

}  // namespace
}  // namespace live::recorder
