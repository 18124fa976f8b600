// SPDX-License-Identifier: Apache-2.0
// Runs the program that kubeconfig names for credentials, when there are none that are still good. One
// thread.
#pragma once
#include <optional>
#include <stop_token>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/notifier.hpp"
#include "kube/exec_credential.hpp"

namespace live::kube {

class ExecPlugin {
 public:
  // Credentials count as expired so long before they are.
  static constexpr Duration leeway = std::chrono::seconds(10);

  ExecPlugin(const Executor& executor, const Clock& clock, ExecCommand command, ExecCluster cluster);

  // The credentials, from one run however many ask at a time.
  // Throws system_error with what is wrong with the program or its answer; Stopped.
  awaitable<ExecCredential> get(std::stop_token stop);
  // The server refused this one: the next get() runs the program again.
  void refused(const ExecCredential& credential);

 private:
  bool is_good() const;
  awaitable<void> renew(std::stop_token stop);

  Executor executor_;
  const Clock& clock_;
  ExecCommand command_;
  ExecCluster cluster_;
  std::optional<ExecCredential> credential_;
  Notifier ended_;
  bool running_ = false;
};

}  // namespace live::kube
