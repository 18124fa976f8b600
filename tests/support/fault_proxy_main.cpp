// SPDX-License-Identifier: Apache-2.0
// kube-fault-proxy KUBECONFIG OUTPUT: stands before the API server of KUBECONFIG, writes a kubeconfig for
// those who are to suffer to OUTPUT, and runs until SIGTERM. It takes nobody's credentials but its own.
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

int run(const std::string& kubeconfig, const std::string& output) {
  const auto upstream = kube::find_config({}, kubeconfig, "");
  if (!upstream) {
    std::fprintf(stderr, "kube-fault-proxy: %s\n", upstream.error().message.c_str());
    return 2;
  }
  asio::io_context io{1};
  SystemClock clock;
  FaultProxy proxy(io.get_executor(), clock, *upstream, plan_for_controllers());
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
  if (argc != 3) {
    std::fprintf(stderr, "usage: kube-fault-proxy KUBECONFIG OUTPUT\n");
    return 2;
  }
  return live::test::run(argv[1], argv[2]);
}
