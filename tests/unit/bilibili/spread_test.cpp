// SPDX-License-Identifier: Apache-2.0
// A thousand pods behind one address, in virtual time: how many calls the service sees in a second.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <list>
#include <map>

#include "recorder/bilibili/room_watcher.hpp"
#include "unit/bilibili/fake_service.hpp"

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

// Notes when each call goes out.
class CountingHttp final : public net::HttpClient {
 public:
  CountingHttp(net::HttpClient& to, const Clock& clock) : to_(to), clock_(clock) {}
  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override {
    ++calls_[std::chrono::floor<seconds>(clock_.now())];
    net::HttpResponse response = co_await to_.send(std::move(request), stop);
    co_return std::move(response);
  }
  struct Load {
    int calls = 0;
    int busiest_second = 0;
  };
  Load between(TimePoint from, TimePoint to) const {
    Load load;
    for (const auto& [second, count] : calls_) {
      if (second < from || second >= to) continue;
      load.calls += count;
      load.busiest_second = std::max(load.busiest_second, count);
    }
    return load;
  }

 private:
  net::HttpClient& to_;
  const Clock& clock_;
  std::map<std::chrono::time_point<std::chrono::steady_clock, seconds>, int> calls_;
};

class ManyPods : public ::testing::Test {
 protected:
  struct Pod {
    Pod(ManyPods& all, std::uint64_t seed)
        : api(all.loop_.executor(), all.http_, all.loop_.clock, ApiOptions(), Random(seed)),
          watcher(all.loop_.executor(), all.loop_.clock, api, all.service_.sockets, all.service_.room.room_id,
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
  CountingHttp::Load load_of(Duration length) {
    const TimePoint begin = loop_.clock.now();
    loop_.advance(length);
    return http_.between(begin, begin + length);
  }
  std::ptrdiff_t connected() const {
    return std::ranges::count_if(pods_, [](const Pod& pod) { return pod.listener.connected; });
  }
  void report(const char* what, const CountingHttp::Load& load) {
    RecordProperty(std::string(what) + " calls", load.calls);
    RecordProperty(std::string(what) + " busiest second", load.busiest_second);
    std::printf("%s: %d calls, %d in the busiest second\n", what, load.calls, load.busiest_second);
  }

  live::test::Loop loop_;
  test::FakeService service_{loop_};
  CountingHttp http_{service_.http, loop_.clock};
  std::list<Pod> pods_;
  std::stop_source stop_;
  int ended_ = 0;
};

TEST_F(ManyPods, StartOverAFewMinutesAndThenPollEvenly) {
  start();
  const CountingHttp::Load first = load_of(seconds(200));
  report("start", first);
  EXPECT_EQ(connected(), pods);
  EXPECT_LE(first.calls, pods * 8);
  EXPECT_LE(first.busiest_second, 80);  // at once it would be thousands
  load_of(seconds(400));                // each has polled once more after its connection
  const CountingHttp::Load steady = load_of(minutes(10));
  report("steady", steady);
  EXPECT_LE(steady.calls, pods * 7);
  EXPECT_LE(steady.busiest_second, 30);
}

TEST_F(ManyPods, ComeBackOneByOneAfterTheServiceRefusedThem) {
  start();
  load_of(minutes(10));
  service_.status = 412;
  const CountingHttp::Load refused = load_of(minutes(10));
  report("refused", refused);
  EXPECT_LE(refused.busiest_second, 30);
  service_.status = 0;
  const CountingHttp::Load back = load_of(minutes(20));
  report("back", back);
  EXPECT_LE(back.busiest_second, 30);
  for (const Pod& pod : pods_) EXPECT_FALSE(pod.api.breaker().open());
}

TEST_F(ManyPods, PollWithoutTheSocketNoFasterThanTheirNumberAllows) {
  service_.sockets.accepts = [](const net::Url&) { return false; };
  start();
  load_of(minutes(10));
  const CountingHttp::Load polling = load_of(minutes(10));
  report("without the socket", polling);
  // A poll each 300 s ± 20 %; tokens for the attempts to connect come on top.
  EXPECT_LE(polling.busiest_second, 60);
}

}  // namespace
}  // namespace live::bilibili
