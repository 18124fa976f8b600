// SPDX-License-Identifier: Apache-2.0
#include "kube/controller.hpp"

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "kube/controller_metrics.hpp"
#include "kube/grace.hpp"

namespace live::kube {
namespace {
double seconds(Duration length) { return std::chrono::duration<double>(length).count(); }
}  // namespace

Controller::Controller(const Executor& executor, Clock& clock, Random& random, Metrics& metrics,
                       Reconciler& reconciler, ControllerOptions options)
    : executor_(executor),
      clock_(clock),
      random_(random),
      reconciler_(reconciler),
      options_(std::move(options)),
      metrics_(std::make_unique<ControllerMetrics>(metrics, options_.name)),
      queue_(options_.queue) {
  for (int i = 0; i < options_.workers; ++i) alarms_.emplace_back(clock);
  metrics_->max_concurrent.Set(options_.workers);
}

Controller::~Controller() = default;

void Controller::ring() {
  for (Alarm& alarm : alarms_) alarm.ring();
}

void Controller::enqueue(const ObjectKey& key, Priority priority) {
  if (!queue_.add(key, priority, clock_.now())) return;
  metrics_->adds.Increment();
  ring();
}

void Controller::enqueue_after(const ObjectKey& key, Duration delay) {
  queue_.add_at(key, clock_.now() + delay);
  ring();
}

void Controller::hasten() {
  queue_.hasten(clock_.now());
  ring();
}

void Controller::retry(const ObjectKey& key, Duration at_least) {
  queue_.add_failed(key, clock_.now(), random_, at_least);
  metrics_->retries.Increment();
  ring();
}

void Controller::succeeded(const ObjectKey& key, const Action& action) {
  switch (action.kind) {
    case Action::Kind::await_change:
      metrics_->success.Increment();
      queue_.forget(key);
      return;
    case Action::Kind::after:
      metrics_->requeue_after.Increment();
      queue_.forget(key);
      enqueue_after(key, action.delay);
      return;
    case Action::Kind::retry:
      metrics_->requeue.Increment();
      retry(key, Duration::zero());
      return;
  }
}

// The one place where what a reconciler throws ends.
void Controller::failed(const ObjectKey& key, std::exception_ptr error) {
  metrics_->error.Increment();
  metrics_->errors.Increment();
  const char* message = "reconcile failed";
  std::string why = "an exception of an unknown type";
  Duration at_least{};
  bool again = true;
  try {
    std::rethrow_exception(error);
  } catch (const TerminalError& terminal) {
    metrics_->terminal_errors.Increment();
    message = "reconcile failed for good";
    why = terminal.what();
    again = false;
  } catch (const ApiException& api) {
    why = api.what();
    if (api.error().retry_after) at_least = *api.error().retry_after;
  } catch (const std::exception& other) {
    why = other.what();
  } catch (...) {
    metrics_->panics.Increment();
  }
  // In an outage of the API every key fails.
  if (const auto left_out = again ? failures_.admit(clock_.now()) : std::optional<std::size_t>(0)) {
    log::error(message, {{"controller", options_.name},
                         {"namespace", key.ns},
                         {"name", key.name},
                         {"failures", queue_.failures(key) + 1},
                         {"error", why},
                         {"left_out", *left_out}});
  }
  if (again) {
    retry(key, at_least);
  } else {
    queue_.forget(key);
  }
}

awaitable<Action> Controller::attempt(ObjectKey key) {
  throw_if_stopped(hard_.get_token());
  const Action action = co_await reconciler_.reconcile(std::move(key), hard_.get_token());
  co_return action;
}

awaitable<void> Controller::work(WorkQueue::Item item) {
  const TimePoint begin = clock_.now();
  metrics_->queue_duration.Observe(seconds(item.waited));
  metrics_->active_workers.Increment();
  std::exception_ptr error;
  Action action;
  try {
    action = co_await attempt(item.key);
  } catch (...) {
    error = std::current_exception();
  }
  metrics_->active_workers.Decrement();
  metrics_->reconcile_time.Observe(seconds(clock_.now() - begin));
  metrics_->work_duration.Observe(seconds(clock_.now() - begin));
  if (!error) {
    succeeded(item.key, action);
  } else if (!hard_.stop_requested()) {
    failed(item.key, error);
  }
  queue_.done(item.key, clock_.now());
}

awaitable<void> Controller::worker(Alarm& alarm, std::stop_token stop) {
  while (!stop.stop_requested()) {
    const std::optional<WorkQueue::Item> item = queue_.take(clock_.now());
    if (item) {
      co_await work(*item);
      // A reconciler that waits for nothing must not keep others from running.
      co_await asio::post(executor_, use_awaitable);
    } else {
      co_await alarm.wait_until(queue_.next_due(), stop);
    }
  }
  if (--running_ == 0) finished_.request_stop();
}

awaitable<void> Controller::run(std::stop_token stop) {
  TaskGroup group(executor_, stop);
  running_ = options_.workers;
  for (Alarm& alarm : alarms_) group.spawn(worker(alarm, group.token()));
  group.spawn(stop_after_grace(clock_, options_.drain, finished_.get_token(), hard_, group.token()));
  co_await group.join();
}

void Controller::refresh_metrics() {
  const TimePoint now = clock_.now();
  Duration all{};
  Duration longest{};
  queue_.for_each_in_work([&](TimePoint began) {
    all += now - began;
    longest = std::max(longest, now - began);
  });
  metrics_->unfinished_work.Set(seconds(all));
  metrics_->longest_running.Set(seconds(longest));
  metrics_->depth.Set(static_cast<double>(queue_.ready()));
}

}  // namespace live::kube
