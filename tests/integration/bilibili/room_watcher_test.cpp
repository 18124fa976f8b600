// SPDX-License-Identifier: Apache-2.0
// A watched room on the simulated site: real sockets, cpprestsdk for the API, TLS throughout.
#include "recorder/bilibili/room_watcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>

#include "base/json.hpp"
#include "net/beast_websocket.hpp"
#include "net/cpprest_http.hpp"
#include "net/media_stream.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "simulator/commands.hpp"
#include "simulator/simulator.hpp"
#include "support/loop.hpp"
#include "unit/simulator/flv_builder.hpp"

namespace live::bilibili {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t room_id = 23058;
constexpr std::int64_t short_id = 3;

struct Listener final : RoomListener {
  void on_room(const RoomView& view) override { last = view; }
  void on_live_push() override { ++wakes; }
  bool wants_chat() const override { return true; }
  void on_message(const Message& message, std::string_view) override {
    if (const auto* comment = std::get_if<Danmaku>(&message.content)) comments.push_back(comment->text);
  }
  RoomView last;
  int wakes = 0;
  std::vector<std::string> comments;
};

simulator::Options site_options(const std::string& directory) {
  simulator::Options options;
  options.tls_listen = "127.0.0.1:0";
  options.self_signed = directory;
  return options;
}

class RoomWatcherOnSite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { net::limit_cpprest_threads(); }

  RoomWatcherOnSite() : directory(::testing::TempDir() + "bilibili-" + std::to_string(getpid())) {
    std::filesystem::create_directories(directory);
    site.emplace(loop.executor(), clock, site_options(directory));
    const Json room = {{"roomId", room_id}, {"shortId", short_id}, {"title", "标题"}, {"anchor", "主播"}};
    EXPECT_TRUE(site->world().put_room(room));
    auto source = simulator::FlvSource::parse(simulator::test::FlvFile::two_groups());
    site->world().add_media("two-groups.flv",
                            std::make_shared<const simulator::FlvSource>(std::move(source.value())));
    asio::co_spawn(loop.io, site->run(stop.get_token()), [this](std::exception_ptr) { ++ended; });
    ca_file = directory + "/ca.pem";
    http.emplace(net::CpprestOptions{ca_file, {}});
    net::TlsOptions trusted;
    trusted.ca_file = ca_file;
    tls = net::make_client_tls(trusted).value();
    sockets.emplace(loop.executor(), tls);
    ApiOptions options;
    options.live_api = net::Url{"https", "localhost", static_cast<std::uint16_t>(site->https_port()), "/"};
    options.api = options.live_api;
    api.emplace(loop.executor(), *http, clock, options, Random(1));
    watcher.emplace(loop.executor(), clock, *api, *sockets, short_id, MonitorSettings(), Random(2), listener);
    asio::co_spawn(loop.io, watcher->run(stop.get_token()), [this](std::exception_ptr) { ++ended; });
  }
  ~RoomWatcherOnSite() override {
    stop.request_stop();
    loop.run_until([this] { return ended == 2; });
    std::filesystem::remove_all(directory);
  }

  void command(std::string_view name, const Json& body = Json::object()) {
    const auto done = simulator::run_command(site->world(), room(), name, body);
    ASSERT_TRUE(done) << done.error().message;
  }
  simulator::Room& room() { return *site->world().find_room(room_id); }
  void wait_connected() {
    loop.run_until([this] { return listener.last.danmaku_connected; });
  }

  std::string directory;
  std::string ca_file;
  live::test::Loop loop;
  SystemClock clock;
  std::optional<simulator::Simulator> site;
  net::TlsContext tls;
  std::optional<net::CpprestHttpClient> http;
  std::optional<net::BeastWebSocketConnector> sockets;
  std::optional<ApiClient> api;
  Listener listener;
  std::optional<RoomWatcher> watcher;
  std::stop_source stop;
  int ended = 0;
};

TEST_F(RoomWatcherOnSite, FindsTheRoomAndHearsWhatIsSaid) {
  wait_connected();
  EXPECT_EQ(listener.last.state, RoomState::offline);
  EXPECT_EQ(listener.last.room.room_id, room_id);
  EXPECT_EQ(listener.last.room.title, "标题");
  EXPECT_EQ(listener.last.room.anchor, "主播");
  command("message", {{"text", "弹幕"}, {"count", 500}});
  loop.run_until([this] { return listener.comments.size() == 500; });
  EXPECT_EQ(listener.comments.back(), "弹幕");
  EXPECT_EQ(watcher->session()->messages().malformed, 0u);
  EXPECT_FALSE(watcher->session()->machine().stats().damage.any());
  command("change", {{"title", "新标题"}});
  loop.run_until([this] { return listener.last.room.title == "新标题"; });
}

TEST_F(RoomWatcherOnSite, FollowsAShowAndFindsItsStream) {
  wait_connected();
  command("live");
  loop.run_until([this] { return listener.last.state == RoomState::live && listener.last.show->start; });
  EXPECT_EQ(listener.last.reason, StateReason::pushed);
  EXPECT_FALSE(listener.last.show->key.empty());
  EXPECT_GE(listener.wakes, 1);
  FoundStream found = loop.run_real(find_stream(*api, clock, room_id, StreamPreferences(), {}));
  watcher->observed(found);
  EXPECT_EQ(listener.last.state, RoomState::live);
  ASSERT_TRUE(std::holds_alternative<ChosenStream>(found.outcome));
  const auto& chosen = std::get<ChosenStream>(found.outcome);
  EXPECT_EQ(chosen.format, StreamFormat::flv);
  EXPECT_GT(chosen.addresses.at(0).expires, clock.wall_now() + std::chrono::minutes(50));
  net::MediaRequest request;
  request.url = net::parse_url(chosen.addresses.at(0).url).value();
  request.headers = plain_headers(api->options());
  const net::MediaResponse media = loop.run_real(net::open_media(std::move(request), tls, {}));
  EXPECT_EQ(media.status, 200);

  const Show before = *listener.last.show;
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return listener.last.state == RoomState::offline; });
  EXPECT_EQ(listener.last.reason, StateReason::preparing);
  command("live", {{"sameShow", true}});
  loop.run_until([this] { return listener.last.state == RoomState::live; });
  EXPECT_EQ(listener.last.show_number, 1u);
  EXPECT_TRUE(same_show(*listener.last.show, before));
}

TEST_F(RoomWatcherOnSite, ComesBackWithANewTokenAfterALoss) {
  wait_connected();
  command("danmaku", {{"do", "reset"}});
  loop.run_until([this] { return !listener.last.danmaku_connected; });
  wait_connected();
  EXPECT_EQ(watcher->session()->machine().stats().established, 2u);
}

TEST_F(RoomWatcherOnSite, SignsAnewWhenTheSiteChangesItsKeys) {
  wait_connected();
  site->world().rotate_keys();
  command("danmaku", {{"do", "close"}});
  loop.run_until([this] { return !listener.last.danmaku_connected; });
  wait_connected();
  EXPECT_FALSE(api->breaker().open());
  EXPECT_GE(api->stats(ApiCall::nav).sent, 2u);
}

TEST_F(RoomWatcherOnSite, TellsAPausedApi) {
  wait_connected();
  ASSERT_TRUE(simulator::run_command(site->world(), room(), "faults",
                                     {{"api", {{{"httpStatus", 412}, {"count", -1}}}}}));
  watcher->recheck();
  loop.run_until([this] { return listener.last.throttle.active; });
  EXPECT_EQ(listener.last.throttle.cause, ErrorKind::blocked);
  EXPECT_TRUE(listener.last.danmaku_connected);
}

}  // namespace
}  // namespace live::bilibili
