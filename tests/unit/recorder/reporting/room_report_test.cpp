// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/room_report.hpp"

#include <gtest/gtest.h>

#include "liveroom/names.hpp"
#include "support/loop.hpp"

namespace live::recorder {
namespace {

using bilibili::RoomState;
using bilibili::StateReason;
using liveroom::ConditionStatus;
using liveroom::ConditionType;

class RoomReportTest : public ::testing::Test {
 protected:
  std::string condition(ConditionType type) {
    report_room(view_, board_, metrics_);
    const liveroom::Condition* found = liveroom::find_condition(board_.status().conditions, type);
    return std::string(liveroom::to_string(found->status)) + " " + found->reason;
  }

  test::Loop loop_;
  Metrics registry_;
  RecorderMetrics metrics_{registry_};
  StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  bilibili::RoomView view_;
};

TEST_F(RoomReportTest, EachStateOfTheRoomHasItsConditions) {
  const struct {
    RoomState state;
    StateReason reason;
    std::optional<bool> found;
    const char* room_found;
    const char* live;
  } cases[] = {
      {RoomState::unknown, StateReason::starting, std::nullopt, "Unknown Pending", "Unknown Pending"},
      {RoomState::unknown, StateReason::api_failing, true, "True Found", "Unknown Unreachable"},
      {RoomState::live, StateReason::pushed, true, "True Found", "True Live"},
      {RoomState::live, StateReason::polled, true, "True Found", "True Live"},
      {RoomState::offline, StateReason::idle, true, "True Found", "False Offline"},
      {RoomState::offline, StateReason::preparing, true, "True Found", "False Offline"},
      {RoomState::offline, StateReason::rotation, true, "True Found", "False Rotation"},
      {RoomState::offline, StateReason::cut_off, true, "True Found", "False CutOff"},
      {RoomState::blocked, StateReason::not_found, false, "False NotFound", "False NotFound"},
  };
  for (const auto& one : cases) {
    view_.state = one.state;
    view_.reason = one.reason;
    view_.found = one.found;
    EXPECT_EQ(condition(ConditionType::room_found), one.room_found) << bilibili::to_string(one.reason);
    EXPECT_EQ(condition(ConditionType::live), one.live) << bilibili::to_string(one.reason);
  }
}

TEST_F(RoomReportTest, TheSocketAndTheBreakerHaveTheirs) {
  EXPECT_EQ(condition(ConditionType::danmaku_connected), "Unknown Pending");
  EXPECT_EQ(condition(ConditionType::throttled), "False NotThrottled");
  view_.danmaku_connected = true;
  EXPECT_EQ(condition(ConditionType::danmaku_connected), "True Connected");
  view_.danmaku_connected = false;
  view_.danmaku_end = bilibili::SessionEnd::connect_failed;
  EXPECT_EQ(condition(ConditionType::danmaku_connected), "False ConnectFailed");
  view_.throttle.active = true;
  view_.throttle.cause = bilibili::ErrorKind::blocked;
  EXPECT_EQ(condition(ConditionType::throttled), "True RateLimited");
}

TEST_F(RoomReportTest, RoomAndShowStandInTheStatus) {
  view_.room.room_id = 7734200;
  view_.room.title = "title";
  view_.show = bilibili::Show{"", WallTime(std::chrono::seconds(1'700'000'000))};
  report_room(view_, board_, metrics_);
  EXPECT_EQ(board_.status().room->id, 7734200);
  EXPECT_EQ(board_.status().show->key, "2023-11-14T22:13:20Z");
  view_.show.reset();
  report_room(view_, board_, metrics_);
  EXPECT_FALSE(board_.status().show);
}

TEST_F(RoomReportTest, TheSameViewAgainIsNoChange) {
  report_room(view_, board_, metrics_);
  const std::uint64_t before = board_.version();
  report_room(view_, board_, metrics_);
  EXPECT_EQ(board_.version(), before);
}

}  // namespace
}  // namespace live::recorder
