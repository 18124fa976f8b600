// SPDX-License-Identifier: Apache-2.0
#include "base/asio.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "base/log.hpp"
#include "simulator/simulator.hpp"

namespace {

using namespace live;
using namespace live::simulator;

int serve(const Options& options) {
  asio::io_context io{1};
  SystemClock clock;
  Simulator site(io.get_executor(), clock, options);
  std::printf("{\"http\":%d,\"https\":%d,\"control\":%d}\n", site.http_port(), site.https_port(),
              site.control_port());
  std::fflush(stdout);

  std::stop_source stop;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&stop](const error_code& error, int) {
    if (!error) stop.request_stop();
  });
  int code = 0;
  asio::co_spawn(io, site.run(stop.get_token()), [&](std::exception_ptr error) {
    signals.cancel();
    if (!error) return;
    code = 1;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& problem) {
      log::error("simulator failed", {{"error", problem.what()}});
    }
  });
  io.run();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto parsed = parse_options(argc, argv);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  const auto& options = std::get<Options>(parsed);
  log::configure(log::Format::text, options.log ? log::Level::info : log::Level::error);
  try {
    return serve(options);
  } catch (const std::exception& problem) {
    std::cerr << "bilibili-simulator: " << problem.what() << "\n";
    return 2;
  }
}
