// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/file_clock.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

constexpr std::int64_t t0 = 1'000'000;

// Media of real time, that arrives in pieces of `piece` ms.
void stream(FileClock& clock, std::int64_t from, std::int64_t to, std::int64_t piece, std::int64_t offset) {
  for (std::int64_t at = from; at < to; at += piece) {
    for (std::int64_t ms = at; ms < at + piece; ms += 20) clock.written(ms + offset - t0, at + piece);
  }
}

TEST(FileClockTest, IsAtTheEndBeforeAnythingIsKnown) {
  FileClock clock;
  EXPECT_EQ(clock.at(t0), 0);
}

TEST(FileClockTest, FollowsTheNewestMediaOfEachPiece) {
  FileClock clock;
  stream(clock, t0, t0 + 10'000, 250, 0);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 10'000)), 10'000, 25);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 10'120)), 10'120, 25);
}

TEST(FileClockTest, ABurstAtTheBeginningIsNotInRealTime) {
  FileClock clock;
  for (std::int64_t ms = 0; ms <= 3000; ms += 20) clock.written(ms, t0);  // the cache
  EXPECT_EQ(clock.at(t0), 3000);
  stream(clock, t0, t0 + 5000, 250, 3000);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 5000)), 8000, 25);
}

TEST(FileClockTest, GoesOnThroughAStallOfTheConnection) {
  FileClock clock;
  stream(clock, t0, t0 + 5000, 100, 0);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 9000)), 9000, 25);
  for (std::int64_t ms = 5000; ms <= 9000; ms += 20) clock.written(ms, t0 + 9000);  // all that was late
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 9000)), 9000, 25);
}

TEST(FileClockTest, StandsStillWithoutAConnection) {
  FileClock clock;
  stream(clock, t0, t0 + 5000, 100, 0);
  clock.flows(false);
  EXPECT_EQ(clock.at(t0 + 30'000), 4980);
  clock.begin(t0 + 30'000);
  EXPECT_EQ(clock.at(t0 + 30'500), 4980);
  clock.flows(true);
  stream(clock, t0 + 31'000, t0 + 33'000, 100, -26'000);  // 26 s are lost
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 33'000)), 7000, 25);
}

TEST(FileClockTest, WhatThePipelineHeldBackDoesNotCountForTheNewConnection) {
  FileClock clock;
  stream(clock, t0, t0 + 5000, 100, 0);
  clock.begin(t0 + 10'000);
  clock.written(5000, t0 + 5050);  // released late
  clock.written(5020, t0 + 10'020);
  EXPECT_EQ(clock.at(t0 + 10'020), 5020);
}

TEST(FileClockTest, FollowsAfterALossInTheMiddle) {
  FileClock clock;
  stream(clock, t0, t0 + 5000, 100, 0);
  clock.begin(t0 + 8000);  // 3 s never came
  stream(clock, t0 + 8000, t0 + 9000, 100, -3000);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 9000)), 6000, 25);
}

TEST(FileClockTest, ASlowDriftIsFollowed) {
  FileClock clock;
  // The source's clock is 1 % slow.
  for (std::int64_t ms = 0; ms < 600'000; ms += 20) clock.written(ms * 99 / 100, t0 + ms);
  EXPECT_NEAR(static_cast<double>(clock.at(t0 + 600'000)), 594'000, 90);
}

TEST(FileClockTest, IsNeverBeforeTheFile) {
  FileClock clock;
  clock.written(0, t0);
  EXPECT_EQ(clock.at(t0 - 500), 0);
}

}  // namespace
}  // namespace live::recorder
