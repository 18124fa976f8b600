// SPDX-License-Identifier: Apache-2.0
#include "recorder/commands/capture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "base/log.hpp"
#include "base/version.hpp"
#include "recorder/process.hpp"
#include "recorder/recording/capture.hpp"

namespace live::recorder {
namespace {

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_bad_input = 2;
constexpr int exit_not_recordable = 3;

int say(int code, const std::string& text) {
  std::fputs(fmt::format("liveroom-recorder: {}\n", text).c_str(), stderr);
  return code;
}

// One line that is written over, on a terminal; elsewhere the log tells.
awaitable<void> show_progress(Clock& clock, const Capture& capture, std::stop_token stop) {
  if (::isatty(STDERR_FILENO) == 0) co_return;
  while (true) {
    const bool passed = co_await clock.sleep_for(std::chrono::seconds(1), stop);
    const OutputProgress now = capture.progress();
    const std::int64_t seconds = now.duration_ms / 1000;
    std::fputs(fmt::format("\r\033[K{}:{:02}:{:02}  {:.1f} MiB", seconds / 3600, seconds / 60 % 60,
                           seconds % 60, static_cast<double>(now.bytes) / (1 << 20))
                   .c_str(),
               stderr);
    if (!passed) break;
  }
  std::fputs("\n", stderr);
}

awaitable<void> capture_stream(Process& process, Capture& capture, net::MediaRequest request,
                               CaptureOutcome& outcome) {
  TaskGroup around(process.executor());
  around.spawn(show_progress(process.clock(), capture, around.token()));
  std::exception_ptr error;
  try {
    outcome = co_await capture.run(std::move(request), process.stop());
  } catch (...) {
    error = std::current_exception();
  }
  around.request_stop();
  co_await around.join();
  if (error) std::rethrow_exception(error);
}

int judge(const CaptureOutcome& outcome) {
  const ConnectionOutcome& connection = outcome.connection;
  if (outcome.failure) {
    return say(exit_failed,
               fmt::format("{}: {}", outcome.failure->operation, outcome.failure->code.message()));
  }
  if (connection.stopped) return exit_done;
  if (connection.end == ConnectionEnd::no_stream) {
    return say(exit_not_recordable, "this is no stream: " + connection.detail);
  }
  if (connection.end == ConnectionEnd::refused)
    return say(exit_failed, "the address could not be opened: " + connection.detail);
  if (outcome.files == 0) {
    const std::string_view why =
        connection.detail.empty() ? "it brought no picture" : connection.detail.c_str();
    return say(exit_failed, fmt::format("nothing was recorded: {}", why));
  }
  if (connection.end == ConnectionEnd::finished) return exit_done;
  return say(exit_failed,
             fmt::format("the stream ended early, what came of it is recorded: {}", connection.detail));
}

}  // namespace

int capture_address(const CaptureOptions& options) {
  liveroom::RecorderInfo info;
  info.version = version;
  Result<std::unique_ptr<Process>> made = Process::make(options.common, info);
  if (!made) return say(exit_bad_input, made.error().message);
  Process& process = **made;
  const RecorderEnvironment environment = process.environment(options.output);

  net::MediaRequest request;
  request.url = options.url;
  request.headers = bilibili::plain_headers(environment.api_options);
  request.connect_timeout = std::chrono::seconds(options.socket_timeout_seconds);
  request.idle = request.connect_timeout;
  request.proxy = environment.api_options.proxy;
  request.address_family = environment.api_options.address_family;

  ShowFacts facts;
  facts.room.title = title_of(options.url);
  facts.session = process.random().uuid();
  Capture capture(
      CaptureEnvironment{process.executor(), process.clock(), environment.media_tls,
                         RecordingStorage{environment.disk, environment.files, options.output, ""},
                         environment.metrics},
      std::move(facts), storage::FileNameTemplate::parse(storage::default_file_name_template).value());
  CaptureOutcome outcome;
  std::exception_ptr error;
  asio::co_spawn(process.io(), capture_stream(process, capture, std::move(request), outcome),
                 [&error, &process](std::exception_ptr thrown) {
                   error = thrown;
                   process.io().stop();
                 });
  process.io().run();
  if (error) std::rethrow_exception(error);
  return judge(outcome);
}

}  // namespace live::recorder
