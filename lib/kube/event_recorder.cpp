// SPDX-License-Identifier: Apache-2.0
#include "kube/event_recorder.hpp"

#include <deque>

#include "base/alarm.hpp"
#include "base/backoff.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "kube/event_series.hpp"
#include "kube/grace.hpp"

namespace live::kube {
namespace {

// With the waits below about two minutes for one event; then it is dropped so that others get their turn.
constexpr int max_tries = 12;
constexpr BackoffLimits retry_limits{std::chrono::milliseconds(500), std::chrono::seconds(15), 2.0, 0.5,
                                     std::chrono::minutes(2)};
// After a stop: what happened last is the most interesting.
constexpr Duration last_sends = std::chrono::seconds(3);

enum class Outcome { sent, refused, absent, unknown };

}  // namespace

struct EventRecorder::Impl {
  Impl(const Executor& executor_, Client& client_, Clock& clock_, Random& random_, Metrics& metrics,
       EventRecorderOptions options_)
      : executor(executor_),
        client(client_),
        clock(clock_),
        random(random_),
        options(std::move(options_)),
        sent(metrics.counter("kube_events_sent_total", "Event objects created or counted up.")),
        dropped(metrics.counter("kube_events_dropped_total",
                                "Events not sent: the queue was full, or the server did not take them.")),
        wake(clock_) {}

  awaitable<void> send_all(std::stop_source finished, std::stop_token hard, std::stop_token stop);
  awaitable<void> send_patiently(EventWrite write, std::stop_token hard, std::stop_token stop);
  awaitable<Outcome> send(EventWrite write, std::stop_token hard);
  awaitable<ApiResult<Json>> request(const EventWrite& write, std::stop_token hard);

  Executor executor;
  Client& client;
  Clock& clock;
  Random& random;
  EventRecorderOptions options;
  prometheus::Counter& sent;
  prometheus::Counter& dropped;
  Alarm wake;
  EventSeries series;
  std::deque<EventWrite> queue;
};

awaitable<ApiResult<Json>> EventRecorder::Impl::request(const EventWrite& write, std::stop_token hard) {
  if (write.create) {
    WriteOptions create_options;
    create_options.field_manager = options.controller;
    return client.create(resources::events, write.key.ns, event_json(write, options), create_options,
                         std::move(hard));
  }
  PatchOptions patch_options;
  patch_options.field_manager = options.controller;
  return client.patch(resources::events, write.key, series_json(write), patch_options, std::move(hard));
}

awaitable<Outcome> EventRecorder::Impl::send(EventWrite write, std::stop_token hard) {
  try {
    const ApiResult<Json> answer = co_await request(write, hard);
    // The name is random: if it is taken, an earlier try without an answer was heard.
    if (answer || answer.error().is_already_exists()) co_return Outcome::sent;
    if (answer.error().is_transient()) co_return Outcome::unknown;
    log::debug("event refused", {{"event", write.key.text()}, {"error", answer.error().text()}});
    co_return answer.error().is_not_found() ? Outcome::absent : Outcome::refused;
  } catch (const system_error& error) {
    throw_if_stopped(hard);
    log::debug("event not sent", {{"event", write.key.text()}, {"error", error.what()}});
    co_return Outcome::unknown;
  }
}

awaitable<void> EventRecorder::Impl::send_patiently(EventWrite write, std::stop_token hard,
                                                    std::stop_token stop) {
  Backoff backoff(retry_limits);
  for (int i = 0; i < max_tries; ++i) {
    const Outcome outcome = co_await send(write, hard);
    if (outcome == Outcome::sent) {
      sent.Increment();
      co_return;
    }
    if (outcome != Outcome::unknown) break;
    const Duration pause = backoff.next(clock.now(), random);
    const bool goes_on = co_await clock.sleep_for(pause, stop);
    if (!goes_on) break;
  }
  series.forget(write.key);
  dropped.Increment();
}

awaitable<void> EventRecorder::Impl::send_all(std::stop_source finished, std::stop_token hard,
                                              std::stop_token stop) {
  while (!hard.stop_requested()) {
    for (EventWrite& write : series.due(clock.now())) queue.push_back(std::move(write));
    if (!queue.empty()) {
      EventWrite write = std::move(queue.front());
      queue.pop_front();
      co_await send_patiently(std::move(write), hard, stop);
      continue;
    }
    if (stop.stop_requested()) break;
    co_await wake.wait_until(series.next_due(), stop);
  }
  finished.request_stop();
}

EventRecorder::EventRecorder(const Executor& executor, Client& client, Clock& clock, Random& random,
                             Metrics& metrics, EventRecorderOptions options)
    : impl_(std::make_unique<Impl>(executor, client, clock, random, metrics, std::move(options))) {}
EventRecorder::~EventRecorder() = default;

void EventRecorder::record(Event event) {
  if (impl_->queue.size() >= max_queue) {
    impl_->dropped.Increment();
    return;
  }
  std::optional<EventWrite> write =
      impl_->series.add(std::move(event), impl_->clock.now(), impl_->clock.wall_now(), impl_->random);
  if (write) impl_->queue.push_back(*std::move(write));
  impl_->wake.ring();  // also for a count: it has a time at which it is due
}

awaitable<void> EventRecorder::run(std::stop_token stop) {
  TaskGroup group(impl_->executor, stop);
  const std::stop_source finished;
  const std::stop_source hard;
  group.spawn(impl_->send_all(finished, hard.get_token(), group.token()));
  group.spawn(stop_after_grace(impl_->clock, last_sends, finished.get_token(), hard, group.token()));
  co_await group.join();
}

}  // namespace live::kube
