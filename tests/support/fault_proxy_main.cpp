// SPDX-License-Identifier: Apache-2.0
// kube-fault-proxy KUBECONFIG OUTPUT [PLAN]: stands before the API server of KUBECONFIG, writes a kubeconfig
// for those who are to suffer to OUTPUT, and runs until SIGTERM. It takes nobody's credentials but its own.
//   every   everything that a controller can meet in a minute (the default)
//   behind  watches are 5 s behind for ever, and some writes meet conflicts or lose their answers
#include "base/asio.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>

#include "support/fault_proxy.hpp"

namespace live::test {
namespace {

// All that a controller can meet in a minute: no stream that is silent for ever, which takes two.
FaultPlan plan_for_controllers() {
  FaultPlan plan;
  plan.requests = {Fault::too_many_requests, Fault::reset, Fault::gone, Fault::unavailable};
  plan.request_period = 4;
  plan.events = {Fault::split,         Fault::duplicate, Fault::lag,        Fault::reorder,
                 Fault::cut_in_object, Fault::drip,      Fault::gone_event, Fault::busy_event};
  plan.event_period = 25;
  plan.writes = {Fault::conflict, Fault::answer_lost, Fault::too_many_requests, Fault::reset,
                 Fault::conflict, Fault::answer_lost, Fault::unavailable};
  plan.write_period = 5;
  return plan;
}

FaultPlan plan_for_late_readers() {
  FaultPlan plan;
  plan.behind = std::chrono::seconds(5);
  plan.writes = {Fault::conflict, Fault::answer_lost};
  plan.write_period = 7;
  return plan;
}

int run(const std::string& kubeconfig, const std::string& output, FaultPlan plan) {
  const auto upstream = kube::find_config({}, kubeconfig, "");
  if (!upstream) {
    std::fprintf(stderr, "kube-fault-proxy: %s\n", upstream.error().message.c_str());
    return 2;
  }
  asio::io_context io{1};
  SystemClock clock;
  FaultProxy proxy(io.get_executor(), clock, *upstream, std::move(plan));
  std::ofstream(output) << "{apiVersion: v1, kind: Config, current-context: x,\n"
                        << " contexts: [{name: x, context: {cluster: c}}],\n"
                        << " clusters: [{name: c, cluster: {server: '" << proxy.config().server.text()
                        << "'}}]}\n";
  std::stop_source stop;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const error_code&, int) { stop.request_stop(); });
  asio::co_spawn(io, proxy.run(stop.get_token()), [&](std::exception_ptr) { signals.cancel(); });
  io.run();
  for (std::size_t fault = 0; fault < fault_count; ++fault)
    std::printf("%d ", proxy.count(static_cast<Fault>(fault)));
  std::printf("\n");
  return 0;
}

}  // namespace
}  // namespace live::test

int main(int argc, char** argv) {
  const std::string plan = argc == 4 ? argv[3] : "every";
  if (argc < 3 || argc > 4 || (plan != "every" && plan != "behind")) {
    std::fprintf(stderr, "usage: kube-fault-proxy KUBECONFIG OUTPUT [every|behind]\n");
    return 2;
  }
  return live::test::run(
      argv[1], argv[2],
      plan == "every" ? live::test::plan_for_controllers() : live::test::plan_for_late_readers());
}
