// SPDX-License-Identifier: Apache-2.0
#include "recorder/commands/run.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "base/version.hpp"
#include "kube/connection.hpp"
#include "recorder/config_file.hpp"
#include "recorder/process.hpp"
#include "recorder/reporting/health.hpp"
#include "recorder/reporting/status_reporter.hpp"

namespace live::recorder {
namespace {

// The last status may take this long after everything is published.
constexpr Duration last_report_time = std::chrono::seconds(5);

class PodRun {
 public:
  PodRun(Process& process, const RunOptions& options, liveroom::RecorderConfig config, kube::Client& client)
      : process_(process),
        options_(options),
        config_(config),
        recorder_(process.environment(options.output), config),
        reporter_(client, process.clock(), process.board(), process.recorder_metrics(), process.random(),
                  ReportTarget{{config.name_space, config.name}, config.uid}),
        server_(process.executor(), options.listen) {
    serve_health(server_, process.metrics(), [this] { recorder_.update_metrics(); });
  }

  awaitable<void> run() {
    // Health and status outlive the recording, so that its end is still seen and told.
    TaskGroup around(process_.executor());
    TaskGroup reporting(process_.executor());
    TaskGroup inner(process_.executor(), process_.stop());
    around.spawn(server_.run(around.token()));
    reporting.spawn(reporter_.run(reporting.token()));
    inner.spawn(recorder_.run(inner.token()));
    std::function<void(const liveroom::RecorderConfig&)> changed(
        [this](const liveroom::RecorderConfig& config) { configure(config); });
    inner.spawn(watch_config(options_.config_file, config_, std::move(changed), inner.token()));
    std::exception_ptr error;
    try {
      co_await inner.join();
    } catch (...) {
      error = std::current_exception();
    }
    reporting.request_stop();
    co_await reporting.join();
    co_await last_report();
    around.request_stop();
    co_await around.join();
    if (error) std::rethrow_exception(error);
  }

 private:
  void configure(const liveroom::RecorderConfig& config) {
    const bool repeat = config.report_sequence != config_.report_sequence;
    config_ = config;
    recorder_.configure(config);
    if (repeat) reporter_.repeat();
  }

  awaitable<void> last_report() {
    TaskGroup group(process_.executor());
    group.spawn(flush_then_stop(group));
    group.spawn(stop_after(group));
    co_await group.join();
  }
  awaitable<void> flush_then_stop(TaskGroup& group) {
    co_await reporter_.flush(group.token());
    group.request_stop();
  }
  awaitable<void> stop_after(TaskGroup& group) {
    co_await process_.clock().sleep_for(last_report_time, group.token());
    group.request_stop();
  }

  Process& process_;
  const RunOptions& options_;
  liveroom::RecorderConfig config_;
  Recorder recorder_;
  StatusReporter reporter_;
  net::HttpServer server_;
};

int refuse(const std::string& problem) {
  std::fputs(fmt::format("liveroom-recorder: {}\n", problem).c_str(), stderr);
  return 2;
}

}  // namespace

int run_in_pod(const RunOptions& options) {
  const Result<liveroom::RecorderConfig> config = read_config(options.config_file);
  if (!config) return refuse(config.error().message);
  liveroom::RecorderInfo info;
  info.version = version;
  info.pod_uid = options.pod_uid;
  info.applied_generation = config->generation;
  Result<std::unique_ptr<Process>> process = Process::make(options.common, info);
  if (!process) return refuse(process.error().message);
  const Result<kube::ClusterConfig> cluster =
      kube::find_config(kube::ConfigEnvironment::from_process(), "", "");
  if (!cluster) return refuse(cluster.error().message);
  kube::ConnectionOptions connection_options;
  connection_options.user_agent = kube::make_user_agent("liveroom-recorder", std::string(version));
  connection_options.max_connections = 1;
  Result<std::unique_ptr<kube::Connection>> connection = kube::Connection::make(
      (*process)->executor(), (*process)->clock(), (*process)->metrics(), *cluster, connection_options);
  if (!connection) return refuse(connection.error().message);

  log::info("Recorder starts", {{"version", version},
                                {"room", config->room_id},
                                {"live_room", config->name_space + "/" + config->name}});
  PodRun pod_run(**process, options, *config, (*connection)->client());
  std::exception_ptr error;
  asio::co_spawn((*process)->io(), pod_run.run(), [&error, &process](std::exception_ptr thrown) {
    error = thrown;
    (*process)->io().stop();
  });
  (*process)->io().run();
  if (error) std::rethrow_exception(error);
  log::info("Recorder has ended");
  return 0;
}

}  // namespace live::recorder
