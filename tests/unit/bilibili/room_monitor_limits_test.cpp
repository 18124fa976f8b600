// SPDX-License-Identifier: Apache-2.0
#include "room_monitor_kit.hpp"

namespace live::bilibili {
namespace {

using namespace test_room;

TEST_F(RoomMonitorTest, ModeratorsEndAShow) {
  settle_live();
  push(CutOff{"against the rules"});
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::cut_off);
  EXPECT_EQ(view().detail, "against the rules");
  push(Preparing{false});
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().reason, StateReason::cut_off);
  EXPECT_EQ(view().detail, "against the rules");
  push(LiveStarted{"K2", {}, false});
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().detail, "");
}

TEST_F(RoomMonitorTest, ALockBlocks) {
  settle_live();
  push(RoomLocked{"2019-06-30 03:57:04"});
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::locked);
  EXPECT_EQ(view().detail, "until 2019-06-30 03:57:04");
  EXPECT_EQ(next_poll(), PollKind::resolve);
  answer(init(LiveStatus::idle, door(&RoomAccess::locked)), status(LiveStatus::idle));
  EXPECT_EQ(view().reason, StateReason::locked);
  EXPECT_GE(until_next_poll(), minutes(10));
  next_poll();
  answer(init(LiveStatus::idle), status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
}

TEST_F(RoomMonitorTest, PermanentProblemsAreAskedAboutSeldom) {
  next_poll();
  answer(ApiError{60004, "code 60004", ErrorKind::not_found});
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::not_found);
  EXPECT_EQ(view().found, false);
  EXPECT_EQ(view().room.room_id, 0);
  Duration last = Duration::zero();
  int polls = 0;
  for (const TimePoint end = now + hours(24); now < end; ++polls) {
    last = until_next_poll();
    EXPECT_GE(last, minutes(10));
    EXPECT_EQ(next_poll(), PollKind::resolve);
    answer(ApiError{60004, "code 60004", ErrorKind::not_found});
  }
  EXPECT_GE(last, hours(1));
  EXPECT_LE(polls, 32);
  next_poll();
  answer(init(LiveStatus::live, {}, first_start), status(LiveStatus::live, first_start));
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().found, true);
}

TEST_F(RoomMonitorTest, ClosedDoorsAreReasons) {
  const std::pair<bool RoomAccess::*, StateReason> doors[] = {
      {&RoomAccess::hidden, StateReason::hidden},
      {&RoomAccess::locked, StateReason::locked},
      {&RoomAccess::encrypted, StateReason::encrypted}};
  for (const auto& [closed, reason] : doors) {
    RoomMonitor one(MonitorSettings(), now, Random(1));
    ASSERT_TRUE(std::holds_alternative<Poll>(one.next(now)));
    one.polled({now,
                init(LiveStatus::live, door(closed), first_start),
                status(LiveStatus::live, first_start),
                {},
                {}},
               now);
    EXPECT_EQ(one.view().state, RoomState::blocked);
    EXPECT_EQ(one.view().reason, reason);
    EXPECT_EQ(one.view().found, true);
    EXPECT_TRUE(one.view().show.has_value());
    one.polled({now, init(LiveStatus::live, {}, first_start), status(LiveStatus::live, first_start), {}, {}},
               now);
    EXPECT_EQ(one.view().state, RoomState::live);
    EXPECT_EQ(one.view().show_number, 1u);
  }
}

TEST_F(RoomMonitorTest, AnEncryptedShowIsNotTriedAtEachPush) {
  settle();
  push(LiveStarted{"K1", first_start, false});
  EXPECT_TRUE(monitor.take_wake());
  now += seconds(1);
  monitor.observed(play(LiveStatus::live, door(&RoomAccess::encrypted)), now, now);
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().show->key, "K1");
  push(LiveStarted{"K1", {}, false});
  EXPECT_FALSE(monitor.take_wake());
  EXPECT_EQ(view().state, RoomState::blocked);
  push(Preparing{false});
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().show, std::nullopt);
  now += minutes(1);
  push(LiveStarted{"K2", first_start + 60, false});  // another show may be open
  EXPECT_TRUE(monitor.take_wake());
  EXPECT_EQ(view().state, RoomState::live);
}

TEST_F(RoomMonitorTest, ProtectedShowsBlockUntilTheirEnd) {
  const std::pair<PlayInfo, StateReason> shows[] = {
      {play(LiveStatus::live, door(&RoomAccess::drm)), StateReason::drm},
      {play(LiveStatus::live, door(&RoomAccess::paid), false), StateReason::paid}};
  for (const auto& [info, reason] : shows) {
    monitor = RoomMonitor(MonitorSettings(), now, Random(1));
    settle_live();
    monitor.observed(info, now, now);
    EXPECT_EQ(view().state, RoomState::blocked);
    EXPECT_EQ(view().reason, reason);
    EXPECT_GE(until_next_poll(), minutes(10));
    EXPECT_EQ(next_poll(), PollKind::access);
    answer({{}, {}, status(LiveStatus::live, first_start, "K1"), info, {}});
    EXPECT_EQ(view().reason, reason);
    next_poll();
    answer({{}, {}, status(LiveStatus::idle), play(LiveStatus::idle, {}, false), {}});
    EXPECT_EQ(view().state, RoomState::offline);
  }
}

TEST_F(RoomMonitorTest, ARegionBlockEndsWithANewShowOrAnOpenAnswer) {
  settle_live();
  monitor.observed(ApiError{60005, "code 60005: not here", ErrorKind::region_blocked}, now);
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::region_blocked);
  EXPECT_EQ(view().detail, "code 60005: not here");
  EXPECT_EQ(next_poll(), PollKind::access);
  answer(ApiError{60005, "code 60005: not here", ErrorKind::region_blocked});
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_GE(until_next_poll(), minutes(10));
  next_poll();
  answer({{}, {}, status(LiveStatus::live, first_start, "K1"), play(LiveStatus::live), {}});
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().show_number, 1u);
  monitor.observed(ApiError{60005, "", ErrorKind::region_blocked}, now);
  push(LiveStarted{"K2", first_start + 7200, false});
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().show_number, 2u);
}

TEST_F(RoomMonitorTest, FailuresAreTriedSoonThenAsUsual) {
  settle();
  next_poll();
  Duration last = Duration::zero();
  for (int i = 0; i < 10; ++i) {
    answer(ApiError{502, "HTTP 502", ErrorKind::transient});
    EXPECT_EQ(view().last_error, "HTTP 502");
    EXPECT_EQ(view().state, RoomState::offline);
    const Duration wait = until_next_poll();
    if (i == 0) {
      EXPECT_LE(wait, seconds(8));
    }
    EXPECT_LE(wait, seconds(144));
    last = wait;
    next_poll();
  }
  EXPECT_GE(last, seconds(96));
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().last_error, "");
}

TEST_F(RoomMonitorTest, WithoutSocketAndAnswersTheStateIsUnknown) {
  settle();
  monitor.socket_down(SessionEnd::closed, now);
  const TimePoint start = now;
  while (now - start < minutes(12)) {
    next_poll();
    answer(ApiError{0, "unreachable", ErrorKind::transient});
  }
  EXPECT_EQ(view().state, RoomState::unknown);
  EXPECT_EQ(view().reason, StateReason::api_failing);
  EXPECT_EQ(view().found, true);
  next_poll();
  answer(status(LiveStatus::idle));
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::idle);
}

TEST_F(RoomMonitorTest, AShowOutlivesAnApiThatIsAway) {
  settle_live();
  monitor.socket_down(SessionEnd::closed, now);
  const TimePoint start = now;
  while (now - start < hours(2)) {
    next_poll();
    answer(ApiError{0, "unreachable", ErrorKind::transient});
  }
  EXPECT_EQ(view().state, RoomState::live);
}

TEST_F(RoomMonitorTest, PollsRestWhileThrottled) {
  settle();
  monitor.throttled({true, ErrorKind::blocked, now + minutes(7)}, now);
  EXPECT_TRUE(view().throttle.active);
  EXPECT_GE(until_next_poll(), minutes(7));
  push(LiveStarted{"K1", {}, false});
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(until_next_poll(), minutes(7));
  now += minutes(7);
  next_poll();
  monitor.throttled({}, now);
  answer(status(LiveStatus::live, first_start));
  EXPECT_FALSE(view().throttle.active);
}

TEST_F(RoomMonitorTest, PushesNeverHammerTheApi) {
  settle();
  int polls = 0;
  const TimePoint end = now + minutes(10);
  for (int i = 0; now < end; ++i, now += std::chrono::milliseconds(100)) {
    push(LiveStarted{"K" + std::to_string(i), {}, false});
    if (std::holds_alternative<Poll>(monitor.next(now))) {
      ++polls;
      asked = now;
      answer(status(LiveStatus::live));
    }
  }
  EXPECT_LE(polls, 121);
}

TEST_F(RoomMonitorTest, ChangesOfTheRoomAreTaken) {
  settle();
  monitor.take_changed();
  push(RoomChanged{"new title", "new area", "", ""});
  EXPECT_EQ(view().room.title, "new title");
  EXPECT_EQ(view().room.area, "new area");
  EXPECT_EQ(view().room.parent_area, "parent");
  EXPECT_TRUE(monitor.take_changed());
  push(Warning{"careful"});
  push(PlayUrlReload{});
  EXPECT_FALSE(monitor.take_changed());
  RoomStatus nameless = status(LiveStatus::idle);
  nameless.room.anchor.clear();
  next_poll();
  answer(nameless);
  EXPECT_EQ(view().room.anchor, "anchor");
}

TEST_F(RoomMonitorTest, ManyRoomsSpreadTheirCalls) {
  Duration longest = Duration::zero();
  Duration longest_unhealthy = Duration::zero();
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RoomMonitor one(MonitorSettings{seconds(120), 1000}, now, Random(seed));
    const MonitorAction first = one.next(now);
    TimePoint due = now;
    if (const auto* wait = std::get_if<WaitUntil>(&first)) {
      longest = std::max(longest, wait->when - now);
      due = wait->when;
      one.next(due);
    }
    one.polled({due, init(LiveStatus::idle), status(LiveStatus::idle), {}, {}}, due);
    longest_unhealthy = std::max(longest_unhealthy, std::get<WaitUntil>(one.next(due)).when - due);
  }
  EXPECT_GE(longest, seconds(180));
  EXPECT_LE(longest, seconds(200));
  EXPECT_GE(longest_unhealthy, seconds(300));
  EXPECT_LE(longest_unhealthy, seconds(360));
}

TEST_F(RoomMonitorTest, ASettingTakesEffectAtOnce) {
  settle();
  next_poll();
  answer(status(LiveStatus::idle));
  monitor.set(MonitorSettings{seconds(20), 1}, now);
  EXPECT_LE(until_next_poll(), seconds(24));
}

TEST_F(RoomMonitorTest, ARecheckPollsAtOnce) {
  settle();
  monitor.recheck(now);
  EXPECT_EQ(next_poll(), PollKind::status);
  answer(status(LiveStatus::idle));
  now += minutes(1);
  monitor.observed(play(LiveStatus::live, door(&RoomAccess::encrypted)), now, now);
  monitor.recheck(now);
  const TimePoint before = now;
  EXPECT_EQ(next_poll(), PollKind::resolve);
  EXPECT_EQ(now, before);
}

TEST_F(RoomMonitorTest, IdleRoomsCostFewCalls) {
  settle();
  int polls = 0;
  for (const TimePoint end = now + hours(24); now < end; ++polls) {
    next_poll();
    answer(status(LiveStatus::idle));
  }
  EXPECT_LE(polls, 760);
  EXPECT_GE(polls, 690);
}

}  // namespace
}  // namespace live::bilibili
