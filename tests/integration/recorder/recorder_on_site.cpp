// SPDX-License-Identifier: Apache-2.0
#include "integration/recorder/recorder_on_site.hpp"

#include <algorithm>
#include <filesystem>

namespace live::recorder::test {
namespace {

simulator::Options site_options(const std::string& directory) {
  simulator::Options options;
  options.tls_listen = "127.0.0.1:0";
  options.self_signed = directory;
  return options;
}

}  // namespace

RecorderOnSite::RecorderOnSite(WallTime wall) : clock(wall) {
  site.emplace(loop.executor(), clock, site_options(site_files.path()));
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
}

void RecorderOnSite::start() {
  RecorderEnvironment environment{loop.executor(), clock,       *http, *sockets, tls, {}, disk,
                                  disk_files,      metrics,     board, random,   {},  {}, volume.path(),
                                  {"test", 1},     &plain_http, {},    false};
  environment.api_options.live_api =
      net::Url{"https", "localhost", static_cast<std::uint16_t>(site->https_port()), "/"};
  environment.api_options.api = environment.api_options.live_api;
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
