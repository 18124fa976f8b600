// SPDX-License-Identifier: Apache-2.0
// What every command of the recorder needs from its process: loop, clock, network clients, disk thread,
// metrics.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "net/beast_websocket.hpp"
#include "net/cpprest_http.hpp"
#include "recorder/options.hpp"
#include "recorder/recorder.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/reporting/status_board.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

class Process {
 public:
  // The problem names the option that can't be used.
  static Result<std::unique_ptr<Process>> make(const CommonOptions& options, liveroom::RecorderInfo info);

  asio::io_context& io() { return io_; }
  Executor executor() { return io_.get_executor(); }
  Clock& clock() { return clock_; }
  Metrics& metrics() { return metrics_; }
  RecorderMetrics& recorder_metrics() { return recorder_metrics_; }
  StatusBoard& board() { return board_; }
  Random& random() { return random_; }
  // Requested by SIGTERM and SIGINT; a second signal ends the process at once.
  std::stop_token stop() const { return stop_.get_token(); }
  void request_stop() { stop_.request_stop(); }

  RecorderEnvironment environment(std::string volume);

 private:
  Process(const CommonOptions& options, net::TlsContext tls, liveroom::RecorderInfo info);
  void await_signal();

  asio::io_context io_{1};
  SystemClock clock_;
  Random random_;
  Metrics metrics_;
  RecorderMetrics recorder_metrics_;
  StatusBoard board_;
  net::TlsContext tls_;
  net::CpprestHttpClient api_http_;
  net::CpprestHttpClient notification_http_;  // not by the proxy that is meant for Bilibili
  net::BeastWebSocketConnector sockets_;
  bilibili::ApiOptions api_options_;
  std::string cookie_file_;
  std::string notification_keys_;
  bool retention_dry_run_;
  storage::PosixFileSystem files_;
  storage::DiskThread disk_;
  asio::signal_set signals_;
  std::stop_source stop_;
};

// Name of this pod or machine.
std::string host_name();

}  // namespace live::recorder
