// SPDX-License-Identifier: Apache-2.0
// The whole site in one object, for main and for tests that run it inside their own process and time.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/task_group.hpp"
#include "simulator/control.hpp"
#include "simulator/front.hpp"
#include "simulator/listener.hpp"
#include "simulator/options.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

class Simulator {
 public:
  // Binds and loads at once. Throws std::runtime_error with one line when an option can not be followed,
  // system_error when an address can not be bound.
  Simulator(const Executor& executor, Clock& clock, const Options& options);
  ~Simulator();

  int http_port() const { return plain_.port(); }
  int https_port() const { return secure_ ? secure_->port() : 0; }
  int control_port() const { return control_listener_ ? control_listener_->port() : 0; }
  World& world() { return world_; }

  // Serves until stopped; then all connections are closed.
  awaitable<void> run(std::stop_token stop);

 private:
  awaitable<void> after(Duration length, std::function<void()> action, std::stop_token stop);
  void later(Duration length, std::function<void()> action);
  void load(const Options& options);

  Clock& clock_;
  TaskGroup group_;
  bool running_ = false;
  std::vector<std::pair<Duration, std::function<void()>>> waiting_;  // for run()
  World world_;
  Listener plain_;
  std::optional<Listener> secure_, control_listener_;
  net::TlsContext tls_;
  Api api_;
  Front front_;
  Control control_;
};

}  // namespace live::simulator
