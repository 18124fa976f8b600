// SPDX-License-Identifier: Apache-2.0
// What a room that is not live costs the service: its request log over a simulated day, and over an hour in
// which it refuses everything.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "integration/bilibili/timed_site.hpp"
#include "liveroom/names.hpp"
#include "recorder/bilibili/room_watcher.hpp"
#include "recorder/reporting/room_report.hpp"

namespace live::bilibili {
namespace {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reports as a recorder does.
struct Listener final : RoomListener {
  void on_room(const RoomView& view) override { recorder::report_room(view, *board, *metrics); }
  bool wants_chat() const override { return false; }
  void on_live_push() override {}
  void on_message(const Message&, std::string_view) override {}
  recorder::StatusBoard* board = nullptr;
  recorder::RecorderMetrics* metrics = nullptr;
};

class IdleRoom : public ::testing::Test {
 protected:
  IdleRoom() {
    listener_.board = &board_;
    listener_.metrics = &metrics_;
  }
  void start() {
    asio::co_spawn(loop_.io, watcher_.run(stop_.get_token()), [this](std::exception_ptr) { ended_ = true; });
  }
  void TearDown() override {
    stop_.request_stop();
    loop_.poll();
    EXPECT_TRUE(ended_);
  }
  void report(const char* what, const test::TimedSite::Load& load) {
    std::printf("%s: %s; %zu danmaku connections so far\n", what, load.text().c_str(),
                site_.sockets().peers.size());
  }
  const liveroom::Condition& condition(ConditionType type) const {
    return *liveroom::find_condition(board_.status().conditions, type);
  }

  live::test::Loop loop_;
  test::TimedSite site_{loop_};
  Metrics registry_;
  recorder::RecorderMetrics metrics_{registry_};
  recorder::StatusBoard board_{loop_.executor(), loop_.clock, liveroom::RecorderInfo()};
  Listener listener_;
  ApiClient api_{loop_.executor(), site_, loop_.clock, ApiOptions(), Random(1)};
  RoomWatcher watcher_{loop_.executor(),         loop_.clock,       api_,      site_.sockets(),
                       test::TimedSite::room_id, MonitorSettings(), Random(7), listener_};
  std::stop_source stop_;
  bool ended_ = false;
};

TEST_F(IdleRoom, ADayIsAPollEachTwoMinutesAndOneConnection) {
  start();
  const auto day = site_.pass(hours(24));
  report("a day", day);
  EXPECT_LE(day.calls, 770u);
  EXPECT_GE(day.by_endpoint.at("getRoomBaseInfo"), 600u);
  EXPECT_EQ(day.by_endpoint.at("room_init"), 1u);
  EXPECT_EQ(day.by_endpoint.at("getDanmuInfo"), 1u);
  EXPECT_EQ(day.by_endpoint.at("nav"), 1u);
  EXPECT_EQ(day.by_endpoint.at("spi"), 1u);
  EXPECT_FALSE(day.by_endpoint.contains("getRoomPlayInfo"));
  EXPECT_EQ(site_.sockets().peers.size(), 1u);
  EXPECT_EQ(condition(ConditionType::live).status, ConditionStatus::no);
}

TEST_F(IdleRoom, ASocketThatIsClosedEachHourCostsATokenAndTwoPollsEach) {
  start();
  test::TimedSite::Load day;
  for (int hour = 0; hour < 24; ++hour) {
    day += site_.pass(hours(1));
    if (hour < 23) site_.sockets().peers.back()->close();
  }
  report("a day, closed each hour", day);
  EXPECT_EQ(site_.sockets().peers.size(), 24u);
  EXPECT_EQ(day.by_endpoint.at("getDanmuInfo"), 24u);
  EXPECT_LE(day.by_endpoint.at("nav"), 12u);  // keys last two hours
  EXPECT_LE(day.calls, 840u);
}

TEST_F(IdleRoom, AnHourOf412IsAFewCallsAndACondition) {
  start();
  site_.pass(minutes(10));
  EXPECT_EQ(condition(ConditionType::throttled).status, ConditionStatus::no);
  site_.refuse(412);
  test::TimedSite::Load hour = site_.pass(minutes(3));
  const liveroom::Condition throttled = condition(ConditionType::throttled);
  EXPECT_EQ(throttled.status, ConditionStatus::yes);
  EXPECT_EQ(throttled.reason, liveroom::reason::rate_limited);
  hour += site_.pass(minutes(57));
  report("an hour of 412", hour);
  EXPECT_LE(hour.calls, 8u);
  EXPECT_EQ(condition(ConditionType::throttled).status, ConditionStatus::yes);
  EXPECT_EQ(condition(ConditionType::danmaku_connected).status, ConditionStatus::yes);
  EXPECT_EQ(site_.sockets().peers.size(), 1u);
  site_.refuse(0);
  site_.pass(minutes(40));
  EXPECT_EQ(condition(ConditionType::throttled).status, ConditionStatus::no);
}

TEST_F(IdleRoom, AStartInto412IsAFewCallsToo) {
  site_.refuse(412);
  start();
  const auto hour = site_.pass(hours(1));
  report("an hour of 412, from the start", hour);
  EXPECT_LE(hour.calls, 8u);
  EXPECT_EQ(condition(ConditionType::throttled).status, ConditionStatus::yes);
  EXPECT_EQ(site_.sockets().peers.size(), 0u);
  site_.refuse(0);
  site_.pass(minutes(40));
  EXPECT_EQ(condition(ConditionType::throttled).status, ConditionStatus::no);
  EXPECT_EQ(condition(ConditionType::danmaku_connected).status, ConditionStatus::yes);
}

}  // namespace
}  // namespace live::bilibili
