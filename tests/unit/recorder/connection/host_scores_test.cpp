// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/host_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace live::recorder {
namespace {

using namespace std::chrono_literals;

class HostScoresTest : public ::testing::Test {
 protected:
  std::string sorted(std::string hosts) const {
    std::ranges::stable_sort(hosts, {},
                             [this](char host) { return scores_.rank(std::string_view(&host, 1), now_); });
    return hosts;
  }
  HostScores scores_;
  TimePoint now_{1h};
};

TEST_F(HostScoresTest, KeepsTheOrderOfThePreferencesUntilAHostFails) {
  EXPECT_EQ(sorted("abc"), "abc");
  scores_.ended("a", ConnectionEnd::refused, 0s, now_);
  EXPECT_EQ(sorted("abc"), "bca");
  scores_.ended("b", ConnectionEnd::stalled, 0s, now_);
  EXPECT_EQ(sorted("abc"), "cab");
}

TEST_F(HostScoresTest, ForgetsWithTime) {
  scores_.ended("a", ConnectionEnd::stalled, 0s, now_);
  EXPECT_DOUBLE_EQ(scores_.penalty("a", now_), 2);
  EXPECT_DOUBLE_EQ(scores_.penalty("a", now_ + 10min), 1);
  now_ += 19min;
  EXPECT_EQ(sorted("ab"), "ba");
  now_ += 2min;
  EXPECT_EQ(sorted("ab"), "ab");
}

TEST_F(HostScoresTest, OneShortStallAfterMediaIsEnoughTwoBreaksAre) {
  scores_.ended("a", ConnectionEnd::stalled, 30s, now_);
  EXPECT_EQ(sorted("ab"), "ba");
  scores_.ended("b", ConnectionEnd::broken, 30s, now_);
  EXPECT_EQ(sorted("ab"), "ba");
  now_ += 30s;
  scores_.ended("b", ConnectionEnd::broken, 30s, now_);
  EXPECT_EQ(sorted("ab"), "ab");
}

TEST_F(HostScoresTest, ALongConnectionIsNothingAgainstAHost) {
  scores_.ended("a", ConnectionEnd::broken, 5min, now_);
  EXPECT_EQ(scores_.penalty("a", now_), 0);
}

TEST_F(HostScoresTest, AStreamThatIsNotThereIsNothingAgainstAHost) {
  for (int i = 0; i < 10; ++i) scores_.ended("a", ConnectionEnd::absent, 0s, now_);
  EXPECT_EQ(scores_.penalty("a", now_), 0);
}

TEST_F(HostScoresTest, HoweverOftenItFailedAHostIsForgivenWithinHalfAnHour) {
  for (int i = 0; i < 1000; ++i) scores_.ended("a", ConnectionEnd::stalled, 0s, now_);
  EXPECT_DOUBLE_EQ(scores_.penalty("a", now_), HostScores::most_penalty);
  EXPECT_EQ(scores_.rank("a", now_ + 31min), 0);
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
