// SPDX-License-Identifier: Apache-2.0
// A room monitor in a test's hands: answers, pushes and a clock.
#pragma once
#include <gtest/gtest.h>

#include "recorder/bilibili/room_monitor.hpp"

namespace live::bilibili::test_room {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t room_id = 23058;
constexpr std::int64_t first_start = 1'700'000'000;

inline std::optional<WallTime> at(std::int64_t unix_seconds) { return WallTime(seconds(unix_seconds)); }

inline RoomStatus status(LiveStatus live, std::optional<std::int64_t> start = std::nullopt,
                         std::string key = {}) {
  RoomStatus answer;
  answer.room = {room_id, 3, 5, "title", "anchor", "area", "parent", ""};
  answer.status = live;
  if (start) answer.live_time = at(*start);
  answer.live_key = std::move(key);
  return answer;
}

inline RoomInit init(LiveStatus live, RoomAccess access = {},
                     std::optional<std::int64_t> start = std::nullopt) {
  RoomInit answer{room_id, 3, 5, live, std::nullopt, access};
  if (start) answer.live_time = at(*start);
  return answer;
}

inline PlayInfo play(LiveStatus live, RoomAccess access = {}, bool streams = true) {
  PlayInfo info;
  info.room_id = room_id;
  info.status = live;
  if (live == LiveStatus::live) info.live_time = at(first_start);
  info.access = access;
  if (streams) {
    StreamEntry entry;
    entry.current_qn = 10000;
    entry.base_url = "/live_1_2.flv?";
    entry.hosts.push_back({"https://h.example", "e=1"});
    info.streams.push_back(entry);
  }
  return info;
}

inline RoomAccess door(bool RoomAccess::*closed) {
  RoomAccess access;
  access.*closed = true;
  return access;
}

class RoomMonitorTest : public ::testing::Test {
 protected:
  // Lets time pass up to the next poll.
  PollKind next_poll() {
    while (true) {
      const MonitorAction action = monitor.next(now);
      if (const auto* poll = std::get_if<Poll>(&action)) {
        asked = now;
        return poll->kind;
      }
      now = std::get<WaitUntil>(action).when;
    }
  }
  Duration until_next_poll() {
    const MonitorAction action = monitor.next(now);
    return std::get<WaitUntil>(action).when - now;
  }
  void answer(PollAnswer given) {
    given.asked = asked;
    monitor.polled(given, now);
  }
  void answer(RoomStatus given) { answer(PollAnswer{{}, {}, std::move(given), {}, {}}); }
  void answer(ApiError error) { answer(PollAnswer{{}, {}, {}, {}, std::move(error)}); }
  void answer(RoomInit given, RoomStatus given_status) {
    answer(PollAnswer{{}, std::move(given), std::move(given_status), {}, {}});
  }
  void push(MessageContent content, std::int64_t room = 0) {
    monitor.pushed(Message{"", room, std::move(content)}, now);
  }

  // Found, not live, socket healthy, the polls of the start done.
  void settle() {
    EXPECT_EQ(next_poll(), PollKind::resolve);
    answer(init(LiveStatus::idle), status(LiveStatus::idle));
    monitor.socket_up(now);
    EXPECT_EQ(next_poll(), PollKind::status);
    answer(status(LiveStatus::idle));
    now += minutes(1);
  }
  void settle_live() {
    settle();
    next_poll();
    answer(status(LiveStatus::live, first_start, "K1"));
    EXPECT_EQ(view().state, RoomState::live);
    now += minutes(1);
  }
  const RoomView& view() const { return monitor.view(); }

  TimePoint now{hours(1)};
  TimePoint asked{};
  RoomMonitor monitor{MonitorSettings(), now, Random(1)};
};

}  // namespace live::bilibili::test_room
