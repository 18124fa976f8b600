// SPDX-License-Identifier: Apache-2.0
#include "recorder/commands/record.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "base/file_text.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "liveroom/manifest.hpp"
#include "liveroom/names.hpp"
#include "recorder/process.hpp"
#include "recorder/reporting/health.hpp"
#include "recorder/room_target.hpp"
#include "recorder/yaml_json.hpp"

namespace live::recorder {
namespace {

constexpr int exit_not_recordable = 3;

bool is_manifest(const std::string& target) {
  return target.ends_with(".yaml") || target.ends_with(".yml") || target.ends_with(".json");
}

Result<liveroom::RecorderConfig> config_of_manifest(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return failure(text.error().message);
  const Result<Json> document = yaml_to_json(*text);
  if (!document) return failure(path + ": " + document.error().message);
  const Result<liveroom::Manifest> manifest = liveroom::parse_manifest(*document);
  if (!manifest) return failure(path + ": " + manifest.error().message);
  return liveroom::make_recorder_config(manifest->name_space, manifest->name, "", 1, manifest->spec);
}

Result<liveroom::RecorderConfig> config_of_target(const std::string& target) {
  if (is_manifest(target)) return config_of_manifest(target);
  const Result<std::int64_t> room = parse_room(target);
  if (!room) return failure(room.error().message);
  liveroom::LiveRoomSpec spec;
  spec.room_id = *room;
  liveroom::RecorderConfig config = liveroom::make_recorder_config("", std::to_string(*room), "", 1, spec);
  config.recording.directory.clear();  // the folder that was asked for, not one below it
  return config;
}

std::string progress_line(const liveroom::RecorderStatus& status) {
  using liveroom::ConditionType;
  if (status.recording) {
    const liveroom::RecordingStatus& recording = *status.recording;
    return fmt::format("recording {}  {}:{:02}:{:02}  {:.1f} MiB  lost {} s", recording.file,
                       recording.duration_seconds / 3600, recording.duration_seconds / 60 % 60,
                       recording.duration_seconds % 60, static_cast<double>(recording.size_bytes) / (1 << 20),
                       recording.lost_seconds);
  }
  const liveroom::Condition* live = liveroom::find_condition(status.conditions, ConditionType::live);
  const liveroom::Condition* recording =
      liveroom::find_condition(status.conditions, ConditionType::recording);
  return fmt::format("{}: {} {}", live->reason, recording->reason, recording->message);
}

// One line that is written over, on a terminal; elsewhere the log tells.
awaitable<void> show_progress(Process& process, std::stop_token stop) {
  if (::isatty(STDERR_FILENO) == 0) co_return;
  while (true) {
    std::fputs(fmt::format("\r\033[K{}", progress_line(process.board().status())).c_str(), stderr);
    const bool passed = co_await process.clock().sleep_for(std::chrono::seconds(1), stop);
    if (!passed) break;
  }
  std::fputs("\n", stderr);
}

// A room that does not exist will not begin to while somebody waits at a terminal.
awaitable<void> end_when_hopeless(Process& process, bool& hopeless, std::stop_token stop) {
  while (true) {
    const liveroom::Condition* found =
        liveroom::find_condition(process.board().status().conditions, liveroom::ConditionType::room_found);
    if (found->status == liveroom::ConditionStatus::no) {
      hopeless = true;
      process.request_stop();
      co_return;
    }
    const bool changed = co_await process.board().changed(stop);
    if (!changed) co_return;
  }
}

awaitable<void> record(Process& process, Recorder& recorder, net::HttpServer* server, bool& hopeless) {
  TaskGroup around(process.executor());
  if (server != nullptr) around.spawn(server->run(around.token()));
  around.spawn(show_progress(process, around.token()));
  around.spawn(end_when_hopeless(process, hopeless, around.token()));
  std::exception_ptr error;
  try {
    co_await recorder.run(process.stop());
  } catch (...) {
    error = std::current_exception();
  }
  around.request_stop();
  co_await around.join();
  if (error) std::rethrow_exception(error);
}

int refuse(const std::string& problem) {
  std::fputs(fmt::format("liveroom-recorder: {}\n", problem).c_str(), stderr);
  return 2;
}

}  // namespace

int record_here(const RecordOptions& options) {
  Result<liveroom::RecorderConfig> config = config_of_target(options.target);
  if (!config) return refuse(config.error().message);
  const auto names =
      storage::FileNameTemplate::parse(config->recording.file_name_template, config->recording.time_zone);
  if (!names) return refuse("spec.recording.fileNameTemplate: " + names.error().message);
  liveroom::RecorderInfo info;
  info.version = version;
  Result<std::unique_ptr<Process>> made = Process::make(options.common, info);
  if (!made) return refuse(made.error().message);
  Process& process = **made;
  Recorder recorder(process.environment(options.output), *config);
  std::unique_ptr<net::HttpServer> server;
  if (options.listen) {
    server = std::make_unique<net::HttpServer>(process.executor(), *options.listen);
    serve_health(*server, process.metrics(), [&recorder] { recorder.update_metrics(); });
  }
  bool hopeless = false;
  std::exception_ptr error;
  asio::co_spawn(process.io(), record(process, recorder, server.get(), hopeless),
                 [&error, &process](std::exception_ptr thrown) {
                   error = thrown;
                   process.io().stop();
                 });
  process.io().run();
  if (error) std::rethrow_exception(error);
  if (!hopeless) return 0;
  const liveroom::Condition* found =
      liveroom::find_condition(process.board().status().conditions, liveroom::ConditionType::room_found);
  std::fputs(fmt::format("liveroom-recorder: room {}: {}\n", config->room_id, found->message).c_str(),
             stderr);
  return exit_not_recordable;
}

}  // namespace live::recorder
