// SPDX-License-Identifier: Apache-2.0
#include "integration/recorder/recorder_on_site.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/file_text.hpp"
#include "base/log.hpp"
#include "liveroom/recorder_status.hpp"

namespace live::recorder::test {
namespace {

constexpr std::string_view secret = "never-to-be-seen";
constexpr const char* cookie =
    "SESSDATA=never-to-be-seen-1; bili_jct=never-to-be-seen-2; DedeUserID=20000001";

void expect_without_secret(std::string_view text, const std::string& where) {
  EXPECT_EQ(text.find(secret), std::string_view::npos) << "the cookie is in " << where;
}

simulator::Options site_options(const std::string& directory, const std::vector<std::string>& hosts) {
  simulator::Options options;
  options.public_tls_hosts = hosts;
  options.tls_listen = "127.0.0.1:0";
  options.self_signed = directory;
  return options;
}

}  // namespace

awaitable<bool> WallClock::sleep_until(TimePoint when, std::stop_token stop) {
  bool passed = true;
  do {
    const TimePoint real_end = std::min(when - skipped_, real_.now() + slice);
    passed = co_await real_.sleep_until(real_end, stop);
  } while (passed && now() < when);
  co_return passed;
}

RecorderOnSite::RecorderOnSite(WallTime wall, const std::vector<std::string>& hosts) : clock(wall) {
  log::configure(log::Format::text, log::Level::debug);
  ::testing::internal::CaptureStderr();
  site.emplace(loop.executor(), clock, site_options(site_files.path(), hosts));
  const Json room = {{"roomId", room_id}, {"shortId", 3}, {"title", "标题"}, {"anchor", "主播"}};
  EXPECT_TRUE(site->world().put_room(room));
  auto source = simulator::FlvSource::parse(simulator::test::FlvFile::two_groups());
  site->world().add_media("two-groups.flv",
                          std::make_shared<const simulator::FlvSource>(std::move(source.value())));
  asio::co_spawn(loop.io, site->run(site_stop_.get_token()),
                 [this](std::exception_ptr) { site_ended_ = true; });
  const std::string ca_file = site_files.path() + "/ca.pem";
  http.emplace(net::CpprestOptions{ca_file, {}});
  net::TlsOptions trusted;
  trusted.ca_file = ca_file;
  tls = net::make_client_tls(trusted).value();
  sockets.emplace(loop.executor(), tls);
  config.room_id = room_id;
  config.name = "room";
  config.recording.directory = "room";
  config.recording.file_name_template = "{part}.{ext}";
}

RecorderOnSite::~RecorderOnSite() {
  stop();
  site_stop_.request_stop();
  loop.run_until([this] { return site_ended_; });
  expect_no_credential();
}

void RecorderOnSite::expect_no_credential() {
  const std::string said = ::testing::internal::GetCapturedStderr();
  expect_without_secret(said, "the log");
  if (HasFailure()) std::fputs(said.c_str(), stderr);
  expect_without_secret(registry.text(), "the metrics");
  expect_without_secret(dump_json(liveroom::to_json(board.status())), "the status");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(volume.path())) {
    if (entry.is_regular_file())
      expect_without_secret(read_file(entry.path(), std::size_t{256} << 20).value(), entry.path());
  }
  const auto& calls = site->world().requests.newest();
  EXPECT_TRUE(std::ranges::any_of(calls, [](const simulator::RequestRecord& call) {
    return std::ranges::count(call.cookies, "SESSDATA") > 0;
  })) << "the cookie was not in use";
}

void RecorderOnSite::start() {
  RecorderEnvironment environment{loop.executor(), clock,       *http, *sockets, tls, {}, disk,
                                  disk_files,      metrics,     board, random,   {},  {}, volume.path(),
                                  {"test", 1},     &plain_http, {},    false};
  environment.api_options.live_api =
      net::Url{"https", "localhost", static_cast<std::uint16_t>(site->https_port()), "/"};
  environment.api_options.api = environment.api_options.live_api;
  environment.cookie_file = site_files.write("cookie", cookie);
  recorder.emplace(std::move(environment), config);
  ended_ = false;
  stop_ = {};
  asio::co_spawn(loop.io, recorder->run(stop_.get_token()), [this](std::exception_ptr error) {
    EXPECT_FALSE(error);
    ended_ = true;
  });
  loop.run_until([this] {
    return condition(liveroom::ConditionType::danmaku_connected).status == liveroom::ConditionStatus::yes;
  });
}

void RecorderOnSite::stop() {
  stop_.request_stop();
  loop.run_until([this] { return ended_; }, std::chrono::seconds(30));
  recorder.reset();
}

void RecorderOnSite::command(std::string_view name, const Json& body) {
  const auto done = simulator::run_command(site->world(), *site->world().find_room(room_id), name, body);
  ASSERT_TRUE(done) << done.error().message;
}

const liveroom::Condition& RecorderOnSite::condition(liveroom::ConditionType type) const {
  return *liveroom::find_condition(board.status().conditions, type);
}

bool RecorderOnSite::recording() const {
  return condition(liveroom::ConditionType::recording).status == liveroom::ConditionStatus::yes;
}

std::string RecorderOnSite::recording_reason() const {
  return condition(liveroom::ConditionType::recording).reason;
}

std::vector<std::string> RecorderOnSite::files(std::string_view ending) const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(volume.path() + "/room")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ending)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace live::recorder::test
