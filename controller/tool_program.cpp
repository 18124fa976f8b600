// SPDX-License-Identifier: Apache-2.0
#include "controller/tool_program.hpp"

#include "base/asio.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <stdexcept>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/version.hpp"
#include "controller/cleanup.hpp"
#include "controller/installation_check.hpp"
#include "kube/config.hpp"
#include "kube/connection.hpp"
#include "net/beast_http.hpp"

namespace live::controller {
namespace {

const std::string program = "liveroom-controller";

class Tool {
 public:
  Tool(const ToolOptions& options, const kube::ClusterConfig& cluster)
      : options_(options), ns_(options.ns.empty() ? cluster.ns : options.ns) {
    auto connection = kube::Connection::make(
        io_.get_executor(), clock_, metrics_, cluster,
        {.user_agent = kube::make_user_agent(program, std::string(version), "installation")});
    if (!connection) throw std::runtime_error(connection.error().message);
    connection_ = std::move(*connection);
  }

  bool run() {
    bool well = false;
    std::exception_ptr failed;
    asio::signal_set signals(io_, SIGTERM, SIGINT);
    signals.async_wait([this](const error_code& error, int) {
      if (!error) stop_.request_stop();
    });
    asio::co_spawn(io_, work(), [&](std::exception_ptr error, bool result) {
      failed = error;
      well = result;
      signals.cancel();
    });
    io_.run();
    if (failed) std::rethrow_exception(failed);
    return well;
  }

 private:
  awaitable<bool> work() {
    const std::stop_token stop = stop_.get_token();
    const Duration limit = std::chrono::seconds(options_.limit_seconds);
    if (options_.command == ToolOptions::Command::cleanup) {
      CleanupTask task;
      if (!options_.deployment.empty()) task.deployment = {ns_, options_.deployment};
      task.stop_limit = limit;
      const bool clean = co_await clean_up(connection_->client(), clock_, task, stop);
      co_return clean;
    }
    const auto tls = net::make_client_tls({});
    if (!tls) throw std::runtime_error(tls.error().message);
    net::BeastHttpClient http(io_.get_executor(), *tls, {.user_agent = program});
    const InstallationCheck check{ns_, options_.readiness, limit};
    const bool well = co_await check_installation(connection_->client(), http, clock_, check, stop);
    co_return well;
  }

  const ToolOptions& options_;
  std::string ns_;
  asio::io_context io_{1};
  SystemClock clock_;
  Metrics metrics_;
  std::stop_source stop_;
  std::unique_ptr<kube::Connection> connection_;
};

}  // namespace

int run_tool(const ToolOptions& options) {
  try {
    const auto cluster =
        kube::find_config(kube::ConfigEnvironment::from_process(), options.kubeconfig, options.context);
    if (!cluster) {
      log::error("no usable configuration of the cluster", {{"why", cluster.error().message}});
      return 2;
    }
    Tool tool(options, *cluster);
    return tool.run() ? 0 : 1;
  } catch (const std::exception& error) {
    log::error("ended", {{"why", error.what()}});
    return 1;
  }
}

}  // namespace live::controller
