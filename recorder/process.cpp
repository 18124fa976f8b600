// SPDX-License-Identifier: Apache-2.0
#include "recorder/process.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/log.hpp"
#include "base/version.hpp"
#include "recorder/show/recording_tail.hpp"

namespace live::recorder {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

Result<std::unique_ptr<Process>> Process::make(const CommonOptions& options, liveroom::RecorderInfo info) {
  net::TlsOptions tls_options;
  tls_options.ca_file = options.ca_file;
  tls_options.system_authorities = true;
  Result<net::TlsContext> tls = net::make_client_tls(tls_options);
  if (!tls) return failure("--ca-file: " + tls.error().message);
  return std::unique_ptr<Process>(new Process(options, *tls, std::move(info)));
}

Process::Process(const CommonOptions& options, net::TlsContext tls, liveroom::RecorderInfo info)
    : random_(Random::from_system()),
      recorder_metrics_(metrics_),
      board_(io_.get_executor(), clock_, std::move(info)),
      tls_(std::move(tls)),
      api_http_(net::CpprestOptions{options.ca_file, options.proxy}),
      notification_http_(net::CpprestOptions{options.ca_file, std::nullopt}),
      sockets_(io_.get_executor(), tls_),
      notification_keys_(options.notification_keys),
      retention_dry_run_(options.retention_dry_run),
      disk_(io_.get_executor()),
      signals_(io_, SIGTERM, SIGINT) {
  api_options_.live_api = options.live_api;
  api_options_.api = options.api;
  api_options_.proxy = options.proxy;
  cookie_file_ = options.cookie_file;
  recorder_metrics_.build_info(std::string(version));
  await_signal();
}

void Process::await_signal() {
  signals_.async_wait([this](const error_code& error, int number) {
    if (error) return;
    if (stop_.stop_requested()) {
      log::warning("Second signal: ending at once", {{"signal", number}});
      std::_Exit(128 + number);
    }
    log::info("Stopping", {{"signal", number}});
    stop_.request_stop();
    await_signal();
  });
}

RecorderEnvironment Process::environment(std::string volume) {
  return {executor(),
          clock_,
          api_http_,
          sockets_,
          tls_,
          api_options_,
          disk_,
          files_,
          recorder_metrics_,
          board_,
          random_,
          [this](const std::optional<net::Url>& proxy) { api_http_.set_proxy(proxy); },
          cookie_file_,
          std::move(volume),
          storage::LockHolder{host_name(), ::getpid(), unix_ms(clock_.wall_now())},
          &notification_http_,
          notification_keys_,
          retention_dry_run_};
}

}  // namespace live::recorder
