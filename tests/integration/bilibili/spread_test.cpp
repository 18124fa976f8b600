// SPDX-License-Identifier: Apache-2.0
// A thousand pods behind one address, in virtual time: how many calls the service sees in a second.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <list>

#include "integration/bilibili/timed_site.hpp"
#include "recorder/bilibili/room_watcher.hpp"

namespace live::bilibili {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int pods = 1000;

struct Listener final : RoomListener {
  void on_room(const RoomView& view) override {
    found = view.found == std::optional(true);
    connected = view.danmaku_connected;
  }
  bool wants_chat() const override { return false; }
  void on_live_push() override {}
  void on_message(const Message&, std::string_view) override {}
  bool found = false;
  bool connected = false;
};

class ManyPods : public ::testing::Test {
 protected:
  struct Pod {
    Pod(ManyPods& all, std::uint64_t seed)
        : api(all.loop_.executor(), all.site_, all.loop_.clock, ApiOptions(), Random(seed)),
          watcher(all.loop_.executor(), all.loop_.clock, api, all.site_.sockets(), test::TimedSite::room_id,
                  settings(), Random(seed + pods), listener) {
      api.set_rooms(pods);
    }
    static MonitorSettings settings() {
      MonitorSettings settings;
      settings.rooms = pods;
      return settings;
    }
    ApiClient api;
    Listener listener;
    RoomWatcher watcher;
  };

  void start() {
    for (int i = 0; i < pods; ++i) {
      Pod& pod = pods_.emplace_back(*this, static_cast<std::uint64_t>(i + 1));
      asio::co_spawn(loop_.io, pod.watcher.run(stop_.get_token()), [this](std::exception_ptr) { ++ended_; });
    }
    loop_.poll();
  }
  void TearDown() override {
    stop_.request_stop();
    loop_.poll();
    EXPECT_EQ(ended_, pods);
  }
  std::ptrdiff_t connected() const {
    return std::ranges::count_if(pods_, [](const Pod& pod) { return pod.listener.connected; });
  }
  void report(const char* what, const test::TimedSite::Load& load) {
    std::printf("%s: %s; %zu in the busiest second\n", what, load.text().c_str(), load.busiest_second);
  }

  live::test::Loop loop_;
  test::TimedSite site_{loop_};
  std::list<Pod> pods_;
  std::stop_source stop_;
  int ended_ = 0;
};

TEST_F(ManyPods, StartOverAFewMinutesAndThenPollEvenly) {
  start();
  const test::TimedSite::Load first = site_.pass(seconds(200));
  report("start", first);
  EXPECT_EQ(connected(), pods);
  EXPECT_LE(first.calls, 8u * pods);
  EXPECT_LE(first.busiest_second, 80u);  // at once it would be thousands
  site_.pass(seconds(400));              // each has polled once more after its connection
  const test::TimedSite::Load steady = site_.pass(minutes(10));
  report("steady", steady);
  EXPECT_LE(steady.calls, 7u * pods);
  EXPECT_LE(steady.busiest_second, 30u);
}

TEST_F(ManyPods, ComeBackOneByOneAfterTheServiceRefusedThem) {
  start();
  site_.pass(minutes(10));
  site_.refuse(412);
  const test::TimedSite::Load refused = site_.pass(minutes(10));
  report("refused", refused);
  EXPECT_LE(refused.busiest_second, 30u);
  site_.refuse(0);
  const test::TimedSite::Load back = site_.pass(minutes(20));
  report("back", back);
  EXPECT_LE(back.busiest_second, 30u);
  for (const Pod& pod : pods_) EXPECT_FALSE(pod.api.breaker().open());
}

TEST_F(ManyPods, ComeBackOneByOneAfterTheyLostTheirSocketsInOneSecond) {
  start();
  site_.pass(minutes(10));
  ASSERT_EQ(connected(), pods);
  for (const auto& peer : site_.sockets().peers) peer->close();
  const test::TimedSite::Load loss = site_.pass(seconds(205));
  report("sockets lost", loss);
  EXPECT_EQ(connected(), pods);
  EXPECT_LE(loss.busiest_second, 40u);  // at once it would be a thousand tokens
  EXPECT_LE(loss.calls, 5u * pods);
}

TEST_F(ManyPods, PollWithoutTheSocketNoFasterThanTheirNumberAllows) {
  site_.sockets().accepts = [](const net::Url&) { return false; };
  start();
  site_.pass(minutes(10));
  const test::TimedSite::Load polling = site_.pass(minutes(10));
  report("without the socket", polling);
  // A poll each 300 s ± 20 %; tokens for the attempts to connect come on top.
  EXPECT_LE(polling.busiest_second, 60u);
}

}  // namespace
}  // namespace live::bilibili
