// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/status_schedule.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

liveroom::RecorderStatus recording(std::int64_t bytes) {
  liveroom::RecorderStatus status;
  status.recording.emplace();
  status.recording->file = "a/b.flv.part";
  status.recording->size_bytes = bytes;
  return status;
}

TEST(StatusSchedule, NothingIsDueWhenNothingChanged) {
  liveroom::RecorderStatus later = recording(1);
  later.recorder.report_time = WallTime(std::chrono::hours(1));
  EXPECT_EQ(write_due(recording(1), later), std::nullopt);
}

TEST(StatusSchedule, SizesWaitTheirMinute) {
  EXPECT_EQ(write_due(recording(1), recording(2)), progress_interval);
}

TEST(StatusSchedule, WhatPeopleWaitForIsDueAtOnce) {
  liveroom::RecorderStatus other = recording(2);
  other.recording->file = "a/c.flv.part";
  EXPECT_EQ(write_due(recording(1), other), Duration::zero());
  other = recording(2);
  other.recording->lost_seconds = 3;
  EXPECT_EQ(write_due(recording(1), other), Duration::zero());
  other.recording.reset();
  EXPECT_EQ(write_due(recording(1), other), Duration::zero());
}

}  // namespace
}  // namespace live::recorder
