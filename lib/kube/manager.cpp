// SPDX-License-Identifier: Apache-2.0
#include "kube/manager.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"

namespace live::kube {
namespace {
struct RequestStop {
  std::stop_source source;
  void operator()() { source.request_stop(); }
};
}  // namespace

bool Manager::synced() const {
  return std::all_of(reflectors_.begin(), reflectors_.end(),
                     [](const Reflector* reflector) { return reflector->has_synced(); });
}

bool Manager::settled() const {
  return std::all_of(reflectors_.begin(), reflectors_.end(),
                     [](const Reflector* reflector) { return reflector->has_settled(); });
}

void Manager::refresh_metrics() {
  for (Reflector* reflector : reflectors_) reflector->refresh_metrics();
  for (Controller* controller : controllers_) controller->refresh_metrics();
}

awaitable<void> Manager::guarded(awaitable<void> task, std::stop_source failed) {
  try {
    co_await std::move(task);
  } catch (const Stopped&) {
  } catch (const LeaseLost&) {
    lease_lost_ = true;
    if (!first_error_) first_error_ = std::current_exception();
    failed.request_stop();
  } catch (...) {
    if (!first_error_) first_error_ = std::current_exception();
    failed.request_stop();
  }
}

awaitable<bool> Manager::wait_settled(std::stop_token stop) {
  for (Reflector* reflector : reflectors_) {
    const bool settled = co_await reflector->settled(stop);
    if (!settled) co_return false;
  }
  if (on_settled_) on_settled_();
  co_return true;
}

// What only the leader does, until the shutdown; then waits for it to end.
awaitable<void> Manager::work(TaskGroup& election, std::stop_source shutdown) {
  const std::stop_token stop = shutdown.get_token();
  const bool settled = co_await wait_settled(stop);
  if (!settled) co_return;
  if (elector_) {
    // Not before: who can't see the objects must not keep the lease from one who can.
    election.spawn(guarded(elector_->run(election.token()), shutdown));
    const bool leading = co_await elector_->acquired(stop);
    if (!leading) co_return;
  }
  started_ = true;
  TaskGroup workers(executor_, stop);
  for (Controller* controller : controllers_)
    workers.spawn(guarded(controller->run(workers.token()), shutdown));
  for (const Task& task : leader_tasks_) workers.spawn(guarded(task(workers.token()), shutdown));
  co_await clock_.sleep_until(TimePoint::max(), stop);
  if (lease_lost_) {
    for (Controller* controller : controllers_) controller->abort();
  }
  co_await workers.join();
}

awaitable<void> Manager::run(std::stop_token stop) {
  std::stop_source shutdown;
  std::stop_callback<RequestStop> on_stop(stop, RequestStop{shutdown});
  TaskGroup services(executor_);
  TaskGroup reflectors(executor_);
  TaskGroup election(executor_);
  for (const Task& task : services_) services.spawn(guarded(task(services.token()), shutdown));
  for (Reflector* reflector : reflectors_)
    reflectors.spawn(guarded(reflector->run(reflectors.token()), shutdown));

  co_await work(election, shutdown);
  log::info("stopping");
  services.request_stop();
  co_await services.join();
  reflectors.request_stop();
  co_await reflectors.join();
  election.request_stop();
  co_await election.join();
  if (first_error_) std::rethrow_exception(std::exchange(first_error_, nullptr));
}

}  // namespace live::kube
