// SPDX-License-Identifier: Apache-2.0
// Holds a Lease for this process. Give it a Client with connections of its own and a short timeout, so that
// neither a slow list nor a stalled watch can cost it the lease.
#pragma once
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "kube/client.hpp"
#include "kube/lease_machine.hpp"

namespace live {
class Metrics;
class Random;
}  // namespace live

namespace live::kube {

// Another process may lead now: stop everything and end with an exit code that is not 0.
struct LeaseLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct LeaderElectorOptions {
  ObjectKey lease;
  std::string identity;  // unique for each life of a process: see make_identity
  std::string field_manager;
  LeaseTimes times;
};

// "host_uuid"
std::string make_identity(const std::string& host, Random& random);

class LeaderElector {
 public:
  // What the connections of its Client should have as timeout of one request.
  static constexpr Duration request_timeout = std::chrono::seconds(5);
  // A leader whose renewal is older than the lease and this is stuck; its /healthz should fail.
  static constexpr Duration watchdog = std::chrono::seconds(20);

  LeaderElector(const Executor& executor, Client& client, Clock& clock, Random& random, Metrics& metrics,
                LeaderElectorOptions options);
  ~LeaderElector();

  // Tries to get the lease and keeps it until stopped, then gives it back. Stop it only when all that needs
  // the leadership has ended. Throws LeaseLost.
  awaitable<void> run(std::stop_token stop);

  // True when the lease is held, false when stopped before. One waiter.
  awaitable<bool> acquired(std::stop_token stop);
  bool leading() const;
  // Who held the lease when we last looked; empty when nobody did.
  const std::string& holder() const;
  bool healthy() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::kube
