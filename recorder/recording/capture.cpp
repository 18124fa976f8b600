// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/capture.hpp"

#include <boost/asio/post.hpp>

#include "base/task_group.hpp"
#include "recorder/recording/recording.hpp"

namespace live::recorder {

namespace {

std::string path_of(const net::Url& url) { return url.target.substr(0, url.target.find('?')); }

}  // namespace

bool is_playlist(const net::Url& url) { return path_of(url).ends_with(".m3u8"); }

std::string title_of(const net::Url& url) {
  std::string path = path_of(url);
  path.erase(0, path.rfind('/') + 1);
  path.erase(std::min(path.size(), path.rfind('.')));
  return path.empty() ? url.host : path;
}

Capture::Capture(CaptureEnvironment environment, ShowFacts facts, storage::FileNameTemplate names)
    : environment_(std::move(environment)),
      output_(environment_.executor, environment_.clock, environment_.storage, environment_.metrics, *this),
      pipeline_({}, output_),
      hls_({}, output_) {
  output_.facts() = std::move(facts);
  output_.set_naming(std::move(names));
}

awaitable<CaptureOutcome> Capture::run(net::MediaRequest request, std::stop_token stop) {
  std::stop_callback forward(stop, [this] { connection_stop_.request_stop(); });
  TaskGroup background(environment_.executor);
  background.spawn(tick(background.token()));
  outcome_.connection = co_await connect(std::move(request));
  background.request_stop();
  co_await background.join();
  pipeline_.finish();
  hls_.assembler.finish();
  co_await output_.published();
  outcome_.written = output_.progress();
  co_return std::move(outcome_);
}

awaitable<ConnectionOutcome> Capture::connect(net::MediaRequest request) {
  const std::function<void(const std::string&)> on_media = [](const std::string&) {};
  const std::stop_token stop = connection_stop_.get_token();
  storage::DiskThread& disk = environment_.storage.disk;
  if (is_playlist(request.url)) {
    // There is no other address to go to: this one has all the time that it was given.
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(request.idle);
    hls_.planner.set_limits({std::max(hls::PlannerLimits().stall_ms, std::int64_t{patience.count()})});
    HlsConnection connection(environment_.executor, environment_.clock, environment_.media_tls, disk, hls_,
                             output_, environment_.metrics);
    ConnectionOutcome outcome = co_await connection.run(std::move(request), on_media, stop);
    co_return std::move(outcome);
  }
  Connection connection(environment_.clock, environment_.media_tls, disk, pipeline_, output_,
                        environment_.metrics);
  const Duration stall = request.idle;
  connection_ = &connection;
  ConnectionOutcome outcome = co_await connection.run(std::move(request), stall, on_media, stop);
  connection_ = nullptr;
  co_return std::move(outcome);
}

awaitable<void> Capture::tick(std::stop_token stop) {
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(Recording::tick_interval, stop);
    if (!passed) co_return;
    if (connection_ != nullptr) {
      connection_->look();
      co_await asio::post(environment_.executor, use_awaitable);  // the reading is before this
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(environment_.clock.now().time_since_epoch());
    pipeline_.idle(now.count());
    output_.tick();
  }
}

void Capture::file_opened(const std::string&, WallTime) {}

void Capture::file_finished(const liveroom::FinishedFile&) { ++outcome_.files; }

void Capture::storage_failed(const storage::DiskFailure& failure) {
  if (!outcome_.failure) outcome_.failure = failure;
  connection_stop_.request_stop();
}

}  // namespace live::recorder
