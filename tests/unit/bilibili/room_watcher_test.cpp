// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/room_watcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "base/stop.hpp"
#include "unit/bilibili/fake_service.hpp"

namespace live::bilibili {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t show_start = 1'700'000'100;

struct Listener final : RoomListener {
  void on_room(const RoomView& view) override {
    ++changes;
    last = view;
    if (view.state == RoomState::live && !live_at) live_at = clock->now();
    if (view.state != RoomState::live && live_at && !over_at) over_at = clock->now();
  }
  void on_live_push() override { ++wakes; }
  bool wants_chat() const override { return true; }
  void on_message(const Message& message, std::string_view) override { commands.push_back(message.command); }

  const Clock* clock = nullptr;
  int changes = 0;
  int wakes = 0;
  RoomView last;
  std::optional<TimePoint> live_at;
  std::optional<TimePoint> over_at;
  std::vector<std::string> commands;
};

class RoomWatcherTest : public ::testing::Test {
 protected:
  RoomWatcherTest() { listener.clock = &loop.clock; }

  void start() {
    asio::co_spawn(loop.io, watcher.run(stop.get_token()), [this](std::exception_ptr error) {
      ended = true;
      outcome = error;
    });
    loop.poll();
  }
  void TearDown() override {
    stop.request_stop();
    loop.poll();
    ASSERT_TRUE(ended);
    EXPECT_THROW(std::rethrow_exception(outcome), Stopped);
  }
  void go_live() {
    service.room.live_status = 1;
    service.room.live_time = show_start;
  }
  std::size_t calls(const char* path) const { return service.http.count(path); }
  const RoomView& view() const { return listener.last; }

  live::test::Loop loop;
  test::FakeService service{loop};
  ApiClient api{loop.executor(), service.http, loop.clock, ApiOptions(), Random(1)};
  Listener listener;
  RoomWatcher watcher{loop.executor(),   loop.clock, api,     service.sockets, 3,
                      MonitorSettings(), Random(7),  listener};
  std::stop_source stop;
  bool ended = false;
  std::exception_ptr outcome;
};

TEST_F(RoomWatcherTest, FindsTheRoomAndListens) {
  start();
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().room.room_id, 23058);
  EXPECT_EQ(view().room.anchor, "anchor");
  EXPECT_TRUE(view().danmaku_connected);
  EXPECT_EQ(live::test::query_value(service.http.last(test::danmu_info_path), "id"), "23058");
  ASSERT_TRUE(watcher.session());
  EXPECT_TRUE(watcher.session()->machine().established());
}

TEST_F(RoomWatcherTest, APushIsThereAtOnce) {
  start();
  loop.advance(minutes(30));
  go_live();
  const TimePoint pushed = loop.clock.now();
  service.push(R"({"cmd":"LIVE","live_key":"K1","live_time":1700000100,"roomid":23058})");
  loop.poll();
  EXPECT_EQ(listener.live_at, pushed);
  EXPECT_EQ(listener.wakes, 1);
  EXPECT_EQ(view().show->key, "K1");
  loop.advance(minutes(10));
  EXPECT_EQ(view().state, RoomState::live);
  service.room.live_status = 0;
  service.push(R"({"cmd":"PREPARING","roomid":"23058"})");
  loop.poll();
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_EQ(view().reason, StateReason::preparing);
  EXPECT_EQ(listener.commands, (std::vector<std::string>{"LIVE", "PREPARING"}));
}

// Bars: 40 s without a socket, 75 s with a half-open one; each from the worst moments of a poll interval.
TEST_F(RoomWatcherTest, WithoutASocketPollsFindTheShow) {
  service.sockets.accepts = [](const net::Url&) { return false; };
  start();
  for (int round = 0; round < 40; ++round) {
    loop.advance(minutes(10) + seconds(round));
    go_live();
    service.room.live_time = show_start + round * 1000;
    listener.live_at.reset();
    const TimePoint began = loop.clock.now();
    loop.advance(seconds(40));
    ASSERT_TRUE(listener.live_at) << round;
    EXPECT_LT(*listener.live_at - began, seconds(40));
    service.room.live_status = 0;
  }
}

TEST_F(RoomWatcherTest, BehindAHalfOpenSocketTheShowIsFound) {
  start();
  for (int round = 0; round < 40; ++round) {
    loop.advance(minutes(10) + seconds(round));
    ASSERT_TRUE(view().danmaku_connected);
    service.answers_heartbeats = false;  // and nothing else comes through
    go_live();
    service.room.live_time = show_start + round * 1000;
    listener.live_at.reset();
    const TimePoint began = loop.clock.now();
    loop.advance(seconds(75));
    service.answers_heartbeats = true;
    ASSERT_TRUE(listener.live_at) << round;
    EXPECT_LT(*listener.live_at - began, seconds(75));
    service.room.live_status = 0;
    loop.advance(minutes(5));
    ASSERT_EQ(view().state, RoomState::offline);
  }
}

TEST_F(RoomWatcherTest, WhatHappenedDuringAReconnectIsFound) {
  start();
  loop.advance(minutes(10));
  go_live();
  service.newest_peer().close();
  loop.advance(seconds(10));
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_TRUE(view().danmaku_connected);
}

TEST_F(RoomWatcherTest, ARoomThatIsNotThereIsAskedForSeldom) {
  service.room.exists = false;
  start();
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::not_found);
  EXPECT_EQ(view().found, false);
  EXPECT_FALSE(watcher.session());
  loop.advance(hours(24));
  EXPECT_LE(service.http.requests.size(), 35u);
  EXPECT_TRUE(service.sockets.attempts.empty());
  service.room.exists = true;
  loop.advance(hours(2));
  EXPECT_EQ(view().state, RoomState::offline);
  EXPECT_TRUE(view().danmaku_connected);
}

TEST_F(RoomWatcherTest, AHiddenFromListsRoomIsAskedForElsewhere) {
  service.room.listed = false;
  go_live();
  start();
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().room.title, "title");
  EXPECT_EQ(view().room.anchor, "anchor");
  EXPECT_EQ(calls(test::get_info_path), calls(test::base_info_path));
  service.room.locked = true;
  loop.advance(minutes(5));
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::locked);
}

TEST_F(RoomWatcherTest, AChangedBatchCallIsReplaced) {
  service.http.reply(test::base_info_path, R"({"code":-400,"message":"bad"})");
  go_live();
  start();
  EXPECT_EQ(view().state, RoomState::live);
  EXPECT_EQ(view().room.title, "title");
}

TEST_F(RoomWatcherTest, ThrottlingIsShownAndObeyed) {
  start();
  loop.advance(minutes(10));
  service.status = 412;
  loop.advance(minutes(4));
  EXPECT_TRUE(view().throttle.active);
  EXPECT_EQ(view().throttle.cause, ErrorKind::blocked);
  EXPECT_TRUE(view().danmaku_connected);
  EXPECT_EQ(view().state, RoomState::offline);
  const std::size_t before = service.http.requests.size();
  loop.advance(hours(1));
  EXPECT_LE(service.http.requests.size() - before, 6u);
  service.status = 0;
  loop.advance(hours(1));
  EXPECT_FALSE(view().throttle.active);
}

TEST_F(RoomWatcherTest, TheRecorderHelpsToKnow) {
  start();
  go_live();
  service.push(R"({"cmd":"LIVE","live_key":"K1","roomid":23058})");
  loop.poll();
  watcher.media(true);
  loop.advance(minutes(10));
  service.room.encrypted = true;
  const FoundStream found = loop.run(find_stream(api, loop.clock, 23058, {}, {}));
  watcher.observed(found);
  EXPECT_EQ(view().state, RoomState::blocked);
  EXPECT_EQ(view().reason, StateReason::encrypted);
  watcher.media(false);
  service.room.encrypted = false;
  watcher.recheck();
  loop.poll();
  EXPECT_EQ(view().state, RoomState::live);
}

TEST_F(RoomWatcherTest, ALostStreamLeadsToAPollAtOnce) {
  start();
  go_live();
  service.push(R"({"cmd":"LIVE","live_key":"K1","roomid":23058})");
  loop.advance(minutes(20));
  watcher.media(true);
  service.room.live_status = 0;  // and no PREPARING
  loop.advance(seconds(10));
  watcher.media(false);
  const TimePoint lost = loop.clock.now();
  loop.advance(seconds(10));
  ASSERT_TRUE(listener.over_at);
  EXPECT_LE(*listener.over_at - lost, seconds(6));
}

TEST_F(RoomWatcherTest, AnIdleDayCostsFewCalls) {
  start();
  loop.advance(hours(24));
  EXPECT_LE(service.http.requests.size(), 770u);
  EXPECT_EQ(service.sockets.peers.size(), 1u);
  EXPECT_LE(calls(test::danmu_info_path), 1u);
  EXPECT_EQ(watcher.polls().failed, 0u);
  EXPECT_LE(listener.changes, 5);
}

TEST_F(RoomWatcherTest, AtRestItWakesForHeartbeatsAndPollsAlone) {
  start();
  loop.advance(minutes(5));
  int wakes = 0;
  const TimePoint end = loop.clock.now() + hours(1);
  while (loop.clock.next_due() <= end) {
    ++wakes;
    loop.clock.set(loop.clock.next_due());
    loop.poll();
  }
  EXPECT_LE(wakes, 120 + 40);
}

}  // namespace
}  // namespace live::bilibili
