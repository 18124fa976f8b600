// SPDX-License-Identifier: Apache-2.0
// Start and stop in the right order. Reflectors and services always run, so that a standby is warm;
// controllers run while this process leads.
#pragma once
#include <functional>
#include <stop_token>
#include <vector>

#include "base/alarm.hpp"
#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kube/controller.hpp"
#include "kube/informer.hpp"
#include "kube/leader_elector.hpp"
#include "kube/reflector.hpp"

namespace live::kube {

class Manager {
 public:
  using Task = std::function<awaitable<void>(std::stop_token)>;

  Manager(const Executor& executor, Clock& clock) : executor_(executor), clock_(clock) {}

  // What is added must live until run() has ended. Before run().
  void add(Reflector& reflector) { reflectors_.push_back(&reflector); }
  template <class T>
  void add(Informer<T>& informer) {
    for (const auto& reflector : informer.reflectors()) add(*reflector);
  }
  void add(Controller& controller) { controllers_.push_back(&controller); }
  // Runs always, from first to almost last: HTTP server, event recorder.
  void add_service(Task task) { services_.push_back(std::move(task)); }
  // Runs beside the controllers.
  void add_leader_task(Task task) { leader_tasks_.push_back(std::move(task)); }
  // Without one this process leads from the start.
  void set_elector(LeaderElector& elector) { elector_ = &elector; }
  // Once, when the caches are settled: a moment to give memory back.
  void on_settled(std::function<void()> call) { on_settled_ = std::move(call); }

  // Services and reflectors; when every cache has settled, the election; with the lease, controllers. Until
  // stopped: then controllers (with their grace), services, reflectors, and last the lease is released. The
  // first exception of any part stops all the same way and is rethrown; after LeaseLost controllers get no
  // grace.
  awaitable<void> run(std::stop_token stop);

  // Every cache holds a whole list: for a readiness probe.
  bool synced() const;
  // Every cache is synced or was refused (see Reflector::has_settled).
  bool settled() const;
  bool leading() const { return elector_ ? elector_->leading() : started_; }
  bool healthy() const { return !elector_ || elector_->healthy(); }
  void refresh_metrics();

 private:
  awaitable<void> guarded(awaitable<void> task, std::stop_source failed);
  awaitable<void> work(TaskGroup& election, std::stop_source shutdown);
  awaitable<bool> wait_settled(std::stop_token stop);

  Executor executor_;
  Clock& clock_;
  std::vector<Reflector*> reflectors_;
  std::vector<Controller*> controllers_;
  std::vector<Task> services_;
  std::vector<Task> leader_tasks_;
  LeaderElector* elector_ = nullptr;
  std::function<void()> on_settled_;
  std::exception_ptr first_error_;
  bool lease_lost_ = false;
  bool started_ = false;
};

}  // namespace live::kube
