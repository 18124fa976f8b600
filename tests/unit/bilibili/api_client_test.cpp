// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/api_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "base/stop.hpp"
#include "unit/bilibili/fake_service.hpp"

namespace live::bilibili {
namespace {

using live::test::query_value;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t room = 23058;

class ApiClientTest : public ::testing::Test {
 protected:
  ApiClient make(ApiState state = {}) {
    return ApiClient(loop.executor(), service.http, loop.clock, ApiOptions(), Random(1), std::move(state));
  }
  std::size_t calls(const char* path) const { return service.http.count(path); }

  live::test::Loop loop;
  test::FakeService service{loop};
  std::stop_token never;
};

TEST_F(ApiClientTest, FetchesADeviceIdOnceAndSendsIt) {
  ApiClient api = make();
  std::vector<ApiState> saved;
  api.on_state_changed([&saved](const ApiState& state) { saved.push_back(state); });
  ASSERT_TRUE(loop.run(api.room_init(3, never)));
  ASSERT_TRUE(loop.run(api.room_init(3, never)));
  EXPECT_EQ(calls(test::spi_path), 1u);
  EXPECT_EQ(service.http.last(test::room_init_path).headers.get("Cookie"),
            "buvid3=D9656DA8-9BEF-F464-5B72-C4849AFD336379044infoc");
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_EQ(saved[0].buvid3, "D9656DA8-9BEF-F464-5B72-C4849AFD336379044infoc");
}

TEST_F(ApiClientTest, MakesADeviceIdWhenItGetsNone) {
  service.http.reply(test::spi_path, 500, "");
  ApiClient api = make();
  ASSERT_TRUE(loop.run(api.room_init(3, never)));
  const std::string& id = api.state().buvid3;
  ASSERT_EQ(id.size(), 36u + 5u + 5u);
  EXPECT_TRUE(id.ends_with("infoc"));
  EXPECT_EQ(id.find_first_of("abcdef"),
            id.size() - 3);  // the f of infoc: all else is upper case
  EXPECT_TRUE(loop.run(api.room_init(3, never)));
  EXPECT_EQ(calls(test::spi_path), 1u);
}

TEST_F(ApiClientTest, UsesWhatWasKept) {
  ApiState state;
  state.buvid3 = "KEPTinfoc";
  state.wbi_key = WbiKey::mix(service.img_key, service.sub_key)->text();
  state.wbi_time = loop.clock.wall_now() - hours(1);
  ApiClient api = make(state);
  ASSERT_TRUE(loop.run(api.play_info(room, 10000, never)));
  EXPECT_EQ(service.http.requests.size(), 1u);
  loop.advance(hours(1));
  ASSERT_TRUE(loop.run(api.play_info(room, 10000, never)));
  EXPECT_EQ(calls(test::nav_path), 1u);  // two hours old by now
}

TEST_F(ApiClientTest, ACookieBringsItsOwnDevice) {
  ApiClient api = make();
  api.set_cookie("SESSDATA=s; DedeUserID=77; buvid3=OWN");
  const auto access = loop.run(api.danmu_access(room, never));
  ASSERT_TRUE(access);
  EXPECT_EQ(access->uid, 77);
  EXPECT_EQ(access->buvid3, "OWN");
  EXPECT_EQ(access->info.token, "TOKEN");
  EXPECT_EQ(calls(test::spi_path), 0u);
}

awaitable<void> fetch(ApiClient* api, int* good, std::stop_token stop) {
  const ApiResult<PlayInfo> info = co_await api->play_info(room, 10000, stop);
  *good += info.has_value();
}

TEST_F(ApiClientTest, FetchesKeysOnceForAllWhoWait) {
  service.http.latency = seconds(1);
  ApiClient api = make();
  int good = 0;
  for (int i = 0; i < 5; ++i) asio::co_spawn(loop.io, fetch(&api, &good, never), [](std::exception_ptr) {});
  loop.advance(seconds(10));
  EXPECT_EQ(good, 5);
  EXPECT_EQ(calls(test::nav_path), 1u);
  EXPECT_EQ(calls(test::spi_path), 1u);
}

TEST_F(ApiClientTest, AWaiterTakesOverWhenAFetchIsStopped) {
  service.http.latency = seconds(1);
  ApiClient api = make();
  std::stop_source first;
  int good = 0;
  asio::co_spawn(loop.io, fetch(&api, &good, first.get_token()), [](std::exception_ptr) {});
  loop.poll();
  asio::co_spawn(loop.io, fetch(&api, &good, never), [](std::exception_ptr) {});
  loop.poll();
  first.request_stop();
  loop.advance(seconds(10));
  EXPECT_EQ(good, 1);
}

TEST_F(ApiClientTest, SignsAnewWhenTheKeysChange) {
  ApiClient api = make();
  ASSERT_TRUE(loop.run(api.play_info(room, 10000, never)));
  service.img_key = "653657f524a547ac981ded72ea172057";
  service.sub_key = "6e4909c702f846728e64f6007736a338";
  ASSERT_TRUE(loop.run(api.play_info(room, 10000, never)));
  EXPECT_EQ(calls(test::nav_path), 2u);
  EXPECT_EQ(calls(test::play_info_path), 3u);
  EXPECT_FALSE(api.breaker().open());
}

TEST_F(ApiClientTest, RiskControlOpensTheBreakerAfterOneMoreTry) {
  service.http.reply(test::play_info_path, R"({"code":-352,"message":"-352","data":{"v_voucher":"v"}})");
  ApiClient api = make();
  int changes = 0;
  api.on_breaker_changed([&changes] { ++changes; });
  auto info = loop.run(api.play_info(room, 10000, never));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::risk_control);
  EXPECT_EQ(calls(test::play_info_path), 2u);
  EXPECT_EQ(calls(test::nav_path), 2u);
  EXPECT_TRUE(api.breaker().open());
  EXPECT_EQ(changes, 1);
  const std::size_t sent = service.http.requests.size();
  info = loop.run(api.play_info(room, 10000, never));
  EXPECT_EQ(info.error().kind, ErrorKind::breaker_open);
  EXPECT_EQ(loop.run(api.room_init(3, never)).error().kind, ErrorKind::breaker_open);
  EXPECT_EQ(service.http.requests.size(), sent);
}

TEST_F(ApiClientTest, NoUnsignedTokenRequest) {
  service.http.reply(test::nav_path, 500, "");
  ApiClient api = make();
  const auto access = loop.run(api.danmu_access(room, never));
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().kind, ErrorKind::transient);
  EXPECT_EQ(calls(test::danmu_info_path), 0u);
  EXPECT_FALSE(loop.run(api.danmu_access(room, never)));
  EXPECT_EQ(calls(test::nav_path), 1u);  // not again at once
  loop.advance(minutes(2));
  EXPECT_FALSE(loop.run(api.danmu_access(room, never)));
  EXPECT_EQ(calls(test::nav_path), 2u);
}

TEST_F(ApiClientTest, PlayInfoGoesUnsignedWithoutKeys) {
  service.http.reply(test::nav_path, 500, "");
  ApiClient api = make();
  auto info = loop.run(api.play_info(room, 10000, never));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::transient);  // says nothing about our address
  EXPECT_FALSE(api.breaker().open());
  service.checks_signatures = false;
  info = loop.run(api.play_info(room, 10000, never));
  EXPECT_TRUE(info);
  EXPECT_EQ(query_value(service.http.last(test::play_info_path), "w_rid"), "");
}

TEST_F(ApiClientTest, A412SilencesAllCalls) {
  ApiClient api = make();
  ASSERT_TRUE(loop.run(api.room_init(3, never)));
  service.status = 412;
  EXPECT_EQ(loop.run(api.room_base_info(room, never)).error().kind, ErrorKind::blocked);
  const std::size_t sent = service.http.requests.size();
  for (int i = 0; i < 60; ++i) {
    loop.advance(seconds(1));
    EXPECT_EQ(loop.run(api.room_base_info(room, never)).error().kind, ErrorKind::breaker_open);
  }
  EXPECT_EQ(service.http.requests.size(), sent);
  service.status = 0;
  loop.advance(minutes(2));
  EXPECT_TRUE(loop.run(api.room_base_info(room, never)));
  EXPECT_FALSE(api.breaker().open());
}

TEST_F(ApiClientTest, ATransportFailureIsAnAnswer) {
  ApiClient api = make();
  service.http.unreachable = true;
  const auto init = loop.run(api.room_init(3, never));
  ASSERT_FALSE(init);
  EXPECT_EQ(init.error().kind, ErrorKind::transient);
  EXPECT_EQ(init.error().code, 0);
  EXPECT_NE(init.error().message, "");
  const CallStats& stats = api.stats(ApiCall::room_init);
  EXPECT_EQ(stats.sent, 1u);
  EXPECT_EQ(stats.failed[static_cast<std::size_t>(ErrorKind::transient)], 1u);
}

TEST_F(ApiClientTest, AStopIsThrown) {
  service.http.latency = seconds(5);
  ApiClient api = make();
  std::stop_source stop;
  std::exception_ptr thrown;
  int good = 0;
  asio::co_spawn(loop.io, fetch(&api, &good, stop.get_token()),
                 [&thrown](std::exception_ptr error) { thrown = error; });
  loop.advance(seconds(1));
  stop.request_stop();
  loop.poll();
  ASSERT_TRUE(thrown);
  EXPECT_THROW(std::rethrow_exception(thrown), Stopped);
}

TEST_F(ApiClientTest, AnswersOfEveryCall) {
  ApiClient api = make();
  EXPECT_EQ(loop.run(api.room_init(3, never))->room_id, room);
  EXPECT_EQ(loop.run(api.get_info(room, never))->room.title, "title");
  EXPECT_EQ((*loop.run(api.room_base_info(room, never)))->room.anchor, "anchor");
  EXPECT_EQ(*loop.run(api.anchor(room, never)), "anchor");
  EXPECT_EQ(loop.run(api.play_info(room, 10000, never))->status, LiveStatus::idle);
  EXPECT_FALSE(loop.run(api.nav(never))->logged_in);
  service.room.exists = false;
  EXPECT_EQ(loop.run(api.room_init(3, never)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(loop.run(api.get_info(3, never)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(*loop.run(api.room_base_info(room, never)), std::nullopt);
}

}  // namespace
}  // namespace live::bilibili
