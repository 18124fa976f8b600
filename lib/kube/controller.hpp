// SPDX-License-Identifier: Apache-2.0
// A work queue and the workers that run a reconciler over it. One thread.
#pragma once
#include <deque>
#include <memory>
#include <stop_token>
#include <string>

#include "base/alarm.hpp"
#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/log_limit.hpp"
#include "kube/reconciler.hpp"
#include "kube/work_queue.hpp"

namespace live {
class Metrics;
}

namespace live::kube {

struct ControllerMetrics;

struct ControllerOptions {
  std::string name;  // label of metrics and logs
  int workers = 4;   // reconciliations at a time
  QueueLimits queue;
  Duration drain = std::chrono::seconds(20);  // how long running reconciliations may go on after a stop
};

class Controller {
 public:
  Controller(const Executor& executor, Clock& clock, Random& random, Metrics& metrics, Reconciler& reconciler,
             ControllerOptions options);
  ~Controller();

  // At any time, before run() too: a standby gathers keys so that it can start at once.
  void enqueue(const ObjectKey& key, Priority priority = Priority::normal);
  void enqueue_after(const ObjectKey& key, Duration delay);

  // What failed while the server was away is tried now.
  void hasten();

  // Reconciles until stopped; then takes no more keys and ends when what runs has ended or was cut.
  awaitable<void> run(std::stop_token stop);
  // Cuts what runs without grace, e.g. because the leadership is lost.
  void abort() { hard_.request_stop(); }

  // Nothing is ready or running. Keys that wait for a time do not count.
  bool idle() const { return queue_.idle(); }
  // Sets the gauges that are functions of time; call it before the metrics are read.
  void refresh_metrics();

 private:
  awaitable<void> worker(Alarm& alarm, std::stop_token stop);
  awaitable<void> work(WorkQueue::Item item);
  awaitable<Action> attempt(ObjectKey key);
  void succeeded(const ObjectKey& key, const Action& action);
  void failed(const ObjectKey& key, std::exception_ptr error);
  void retry(const ObjectKey& key, Duration at_least);
  void ring();

  Executor executor_;
  Clock& clock_;
  Random& random_;
  Reconciler& reconciler_;
  ControllerOptions options_;
  std::unique_ptr<ControllerMetrics> metrics_;
  WorkQueue queue_;
  std::deque<Alarm> alarms_;  // one a worker
  std::stop_source hard_;
  std::stop_source finished_;
  int running_ = 0;
  LogLimit failures_;
};

}  // namespace live::kube
