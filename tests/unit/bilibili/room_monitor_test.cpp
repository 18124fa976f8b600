// SPDX-License-Identifier: Apache-2.0
#include "room_monitor_kit.hpp"

namespace live::bilibili {
namespace {

using namespace test_room;

TEST_F(RoomMonitorTest, FindsTheRoomFirst) {
  EXPECT_EQ(view().state, RoomState::unknown);
  EXPECT_EQ(view().found, std::nullopt);
  EXPECT_TRUE(monitor.take_changed());
  EXPECT_EQ(next_poll(), PollKind::resolve);
  EXPECT_EQ(now, TimePoint(hours(1)));
  answer(init(LiveStatus::idle), status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::idle);
  EXPECT_EQ(view().found, true);
  EXPECT_EQ(view().room.title, "title");
  EXPECT_EQ(view().room.short_id, 3);
  EXPECT_TRUE(monitor.take_changed());
  EXPECT_FALSE(monitor.take_changed());
}

TEST_F(RoomMonitorTest, PollsSeldomWithASocketAndOftenWithout) {
  settle();
  for (int i = 0; i < 20; ++i) {
    next_poll();
    answer(status(LiveStatus::idle));
    EXPECT_GE(until_next_poll(), seconds(96));
    EXPECT_LE(until_next_poll(), seconds(144));
  }
  now += seconds(10);
  monitor.socket_down(SessionEnd::closed, now);
  next_poll();
  answer(status(LiveStatus::idle));
  for (int i = 0; i < 20; ++i) {
    EXPECT_GE(until_next_poll(), seconds(24));
    EXPECT_LE(until_next_poll(), seconds(36));
    next_poll();
    answer(status(LiveStatus::idle));
    monitor.socket_down(SessionEnd::connect_failed, now);  // further failures are no reason to poll
  }
}

TEST_F(RoomMonitorTest, PollsAtALossAndAfterAReconnect) {
  settle();
  monitor.socket_down(SessionEnd::silent, now);
  EXPECT_FALSE(view().danmaku_connected);
  EXPECT_EQ(view().danmaku_end, SessionEnd::silent);
  TimePoint before = now;
  EXPECT_EQ(next_poll(), PollKind::status);
  EXPECT_EQ(now, before);
  answer(status(LiveStatus::idle));
  now += seconds(8);
  monitor.socket_up(now);
  EXPECT_TRUE(view().danmaku_connected);
  before = now;
  next_poll();
  EXPECT_EQ(now, before);
}

TEST_F(RoomMonitorTest, ALivePushIsBelievedAtOnce) {
  settle();
  push(LiveStarted{"K1", first_start, false}, room_id);
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().reason, StateReason::pushed);
  EXPECT_EQ(view().show, (Show{"K1", at(first_start)}));
  EXPECT_EQ(view().show_number, 1u);
  EXPECT_TRUE(monitor.take_wake());
  EXPECT_FALSE(monitor.take_wake());
  const TimePoint before = now;
  EXPECT_EQ(next_poll(), PollKind::status);  // for the title, and as proof
  EXPECT_EQ(now, before);
}

TEST_F(RoomMonitorTest, RepeatedLivesAreOneShow) {
  settle();
  push(LiveStarted{"K1", first_start, false});
  EXPECT_TRUE(monitor.take_wake());
  now += seconds(1);
  push(LiveStarted{"K1", {}, false});
  EXPECT_FALSE(monitor.take_wake());
  now += minutes(20);
  push(LiveStarted{"K1", {}, false});  // pushed anew
  EXPECT_TRUE(monitor.take_wake());
  EXPECT_EQ(view().show_number, 1u);
  EXPECT_EQ(view().show, (Show{"K1", at(first_start)}));
}

TEST_F(RoomMonitorTest, MessagesOfOtherRoomsDoNotCount) {
  settle();
  push(LiveStarted{"K1", {}, false}, 999);
  EXPECT_EQ(view().state, RoomState::offline);
  push(LiveStarted{"K1", {}, false}, 3);  // the short number
  EXPECT_EQ(view().state, RoomState::live);
}

TEST_F(RoomMonitorTest, TheApiMayBeLateAfterALive) {
  settle();
  push(LiveStarted{"K1", first_start, false});
  const TimePoint pushed = now;
  while (now - pushed < RoomMonitor::push_lag) {
    next_poll();
    if (now - pushed >= RoomMonitor::push_lag) break;
    answer(status(LiveStatus::idle));
    EXPECT_EQ(view().state, RoomState::live);
    EXPECT_LE(until_next_poll(), seconds(10));
  }
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
}

TEST_F(RoomMonitorTest, AMissingLiveIsFoundByAPoll) {
  settle();
  next_poll();
  answer(status(LiveStatus::live, first_start));
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().reason, StateReason::polled);
  EXPECT_EQ(view().show, (Show{"", at(first_start)}));
  push(LiveStarted{"K1", {}, false});
  EXPECT_EQ(view().show, (Show{"K1", at(first_start)}));
  EXPECT_EQ(view().show_number, 1u);
}

TEST_F(RoomMonitorTest, PreparingEndsTheShow) {
  settle_live();
  push(Preparing{false});
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::preparing);
  EXPECT_EQ(view().show, std::nullopt);
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().reason, StateReason::preparing);
  next_poll();
  answer(status(LiveStatus::rotation));
  EXPECT_EQ(view().reason, StateReason::rotation);
  EXPECT_EQ(view().state, RoomState::offline);
}

TEST_F(RoomMonitorTest, TheApiMayBeLateAfterPreparing) {
  settle_live();
  push(Preparing{false});
  now += seconds(10);
  asked = now;
  monitor.observed(play(LiveStatus::live), now, now);
  EXPECT_EQ(view().state, RoomState::offline);
  now += seconds(25);
  monitor.observed(play(LiveStatus::live), now, now);  // the streamer only seemed to end it
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().show_number, 1u);
  EXPECT_EQ(view().show->key, "K1");
}

TEST_F(RoomMonitorTest, AnAnswerFromBeforeAPushIsStale) {
  settle_live();
  next_poll();
  push(Preparing{false});
  now += seconds(60);
  answer(status(LiveStatus::live, first_start, "K1"));
  EXPECT_EQ(view().state, RoomState::offline);
}

TEST_F(RoomMonitorTest, ANewShowRightAfterTheEndIsBelieved) {
  settle_live();
  push(Preparing{false});
  now += seconds(10);
  next_poll();
  answer(status(LiveStatus::live, first_start + 3600));
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().show_number, 2u);
}

TEST_F(RoomMonitorTest, AShortBreakIsTheSameShow) {
  settle_live();
  push(Preparing{false});
  now += minutes(3);
  push(LiveStarted{"K1", {}, false});
  EXPECT_EQ(view().show_number, 1u);
  EXPECT_EQ(view().show, (Show{"K1", at(first_start)}));
  push(Preparing{false});
  now += minutes(3);
  push(LiveStarted{"K2", first_start + 900, false});
  EXPECT_EQ(view().show_number, 2u);
  EXPECT_EQ(view().show, (Show{"K2", at(first_start + 900)}));
}

TEST_F(RoomMonitorTest, ANewKeyInTheMiddleIsANewShow) {
  settle_live();
  push(LiveStarted{"K2", {}, false});
  EXPECT_EQ(view().show_number, 2u);
  EXPECT_TRUE(monitor.take_wake());
}

TEST_F(RoomMonitorTest, AMissingPreparingIsFoundByAPoll) {
  settle_live();
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::idle);
}

TEST_F(RoomMonitorTest, WhileMediaFlowsOneDenialIsNotEnough) {
  settle_live();
  monitor.media(true, now);
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_LE(until_next_poll(), seconds(10));
  next_poll();
  answer(status(LiveStatus::live, first_start, "K1"));
  EXPECT_EQ(view().state, RoomState::live);  // it was a flicker
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::live);
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
}

TEST_F(RoomMonitorTest, ALostStreamIsAskedAboutAtOnce) {
  settle_live();
  monitor.media(true, now);
  now += seconds(10);
  monitor.media(false, now);
  EXPECT_LE(until_next_poll(), seconds(1));
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
}

}  // namespace
}  // namespace live::bilibili
