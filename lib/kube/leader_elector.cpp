// SPDX-License-Identifier: Apache-2.0
#include "kube/leader_elector.hpp"

#include "base/alarm.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"

namespace live::kube {

struct LeaderElector::Impl {
  Impl(const Executor& executor_, Client& client_, Clock& clock_, Random& random, Metrics& metrics,
       LeaderElectorOptions options_)
      : executor(executor_),
        client(client_),
        clock(clock_),
        options(std::move(options_)),
        machine(options.identity, options.times, random),
        master(metrics.gauge("leader_election_master_status", "1 when this process leads.",
                             {{"name", options.lease.name}})),
        slow_path(metrics.counter("leader_election_slowpath_total",
                                  "Renewals that had to read the lease first.",
                                  {{"name", options.lease.name}})),
        gained(clock_),
        renewed(clock_) {}

  awaitable<void> run(std::stop_token stop);
  awaitable<void> hold(std::stop_token stop);
  awaitable<void> watch_deadline(std::stop_token stop);
  awaitable<void> read(std::stop_token stop);
  awaitable<void> write(LeaseRecord record, bool create, std::stop_token stop);
  awaitable<ApiResult<Json>> send(Json lease, bool create, std::stop_token stop);
  awaitable<void> release();
  awaitable<bool> release_once();
  void written(TimePoint sent, const LeaseRecord& record, Json lease);
  void failed(const char* what, const std::string& why);

  Executor executor;
  Client& client;
  Clock& clock;
  LeaderElectorOptions options;
  LeaseMachine machine;
  prometheus::Gauge& master;
  prometheus::Counter& slow_path;
  Alarm gained;   // rung once, when the lease is ours
  Alarm renewed;  // the deadline has moved
  Json lease;     // as last read or written
};

void LeaderElector::Impl::failed(const char* what, const std::string& why) {
  log::warning("leader election met an error",
               {{"lease", options.lease.text()}, {"during", what}, {"error", why}});
  machine.has_failed(clock.now());
}

awaitable<void> LeaderElector::Impl::read(std::stop_token stop) {
  if (machine.leading()) slow_path.Increment();
  try {
    ApiResult<Json> answer = co_await client.get(resources::leases, options.lease, stop);
    if (answer) {
      lease = *std::move(answer);
      machine.was_read(clock.now(), parse_lease(lease));
    } else if (answer.error().is_not_found()) {
      machine.was_read(clock.now(), std::nullopt);
    } else {
      failed("read", answer.error().text());
    }
  } catch (const system_error& error) {
    throw_if_stopped(stop);
    failed("read", error.what());
  }
}

awaitable<ApiResult<Json>> LeaderElector::Impl::send(Json object, bool create, std::stop_token stop) {
  WriteOptions write_options;
  write_options.field_manager = options.field_manager;
  if (create) {
    return client.create(resources::leases, options.lease.ns, std::move(object), write_options,
                         std::move(stop));
  }
  return client.replace(resources::leases, options.lease, std::move(object), write_options, std::move(stop));
}

void LeaderElector::Impl::written(TimePoint sent, const LeaseRecord& record, Json answer) {
  lease = std::move(answer);
  const bool first = !machine.leading();
  machine.was_written(sent, clock.now(), record);
  if (first) {
    master.Set(1);
    log::info("leading", {{"lease", options.lease.text()}, {"identity", options.identity}});
    gained.ring();
  }
  renewed.ring();
}

awaitable<void> LeaderElector::Impl::write(LeaseRecord record, bool create, std::stop_token stop) {
  Json object;
  if (create) {
    object = make_lease(options.lease, record);
  } else {
    object = lease;
    set_lease_record(object, record);
  }
  const TimePoint sent = clock.now();
  try {
    ApiResult<Json> answer = co_await send(std::move(object), create, stop);
    if (answer) {
      written(sent, record, *std::move(answer));
    } else if (answer.error().code == 409 || (answer.error().is_not_found() && !create)) {
      machine.was_refused(clock.now());
    } else {
      failed("write", answer.error().text());
    }
  } catch (const system_error& error) {
    throw_if_stopped(stop);
    failed("write", error.what());
  }
}

awaitable<void> LeaderElector::Impl::hold(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const LeaseMachine::Action action = machine.next(clock.now(), clock.wall_now());
    if (const auto* wait = std::get_if<LeaseMachine::Wait>(&action)) {
      co_await clock.sleep_until(wait->until, stop);
    } else if (std::holds_alternative<LeaseMachine::Read>(action)) {
      co_await read(stop);
    } else if (const auto* create = std::get_if<LeaseMachine::Create>(&action)) {
      co_await write(create->record, true, stop);
    } else if (const auto* update = std::get_if<LeaseMachine::Update>(&action)) {
      co_await write(update->record, false, stop);
    } else {
      throw LeaseLost("lease " + options.lease.text() + " lost, holder: " + machine.holder());
    }
  }
}

// Beside hold(), which may be waiting for an answer when the time is up.
awaitable<void> LeaderElector::Impl::watch_deadline(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const TimePoint deadline = machine.leading() ? machine.deadline() : TimePoint::max();
    if (clock.now() >= deadline)
      throw LeaseLost("lease " + options.lease.text() + " could not be renewed in time");
    co_await renewed.wait_until(deadline, stop);
  }
}

// One PUT; when somebody has touched the lease meanwhile, false: look again.
awaitable<bool> LeaderElector::Impl::release_once() {
  Json object = lease;
  set_lease_record(object, machine.released(clock.wall_now()));
  const ApiResult<Json> answer = co_await send(std::move(object), false, std::stop_token());
  if (answer) co_return true;
  const ApiResult<Json> current = co_await client.get(resources::leases, options.lease, std::stop_token());
  if (!current || parse_lease(*current).holder != options.identity) co_return true;
  lease = *current;
  co_return false;
}

awaitable<void> LeaderElector::Impl::release() {
  constexpr int tries = 3;
  try {
    for (int i = 0; i < tries; ++i) {
      const bool released = co_await release_once();
      if (released) break;
    }
    log::info("lease released", {{"lease", options.lease.text()}});
  } catch (const system_error& error) {
    // It runs out by itself.
    log::warning("lease not released", {{"lease", options.lease.text()}, {"error", error.what()}});
  }
}

awaitable<void> LeaderElector::Impl::run(std::stop_token stop) {
  TaskGroup group(executor, stop);
  group.spawn(hold(group.token()));
  group.spawn(watch_deadline(group.token()));
  try {
    co_await group.join();
  } catch (...) {
    master.Set(0);
    throw;
  }
  if (machine.leading() && clock.now() < machine.deadline()) co_await release();
  master.Set(0);
}

LeaderElector::LeaderElector(const Executor& executor, Client& client, Clock& clock, Random& random,
                             Metrics& metrics, LeaderElectorOptions options)
    : impl_(std::make_unique<Impl>(executor, client, clock, random, metrics, std::move(options))) {}
LeaderElector::~LeaderElector() = default;

awaitable<void> LeaderElector::run(std::stop_token stop) { return impl_->run(std::move(stop)); }

awaitable<bool> LeaderElector::acquired(std::stop_token stop) {
  while (!leading()) {
    const bool goes_on = co_await impl_->gained.wait_until(TimePoint::max(), stop);
    if (!goes_on) co_return false;
  }
  co_return true;
}

// By the clock and not by what has been noticed: the deadline may have passed a moment ago.
bool LeaderElector::leading() const {
  return impl_->machine.leading() && impl_->clock.now() < impl_->machine.deadline();
}
const std::string& LeaderElector::holder() const { return impl_->machine.holder(); }

bool LeaderElector::healthy() const {
  if (!impl_->machine.leading()) return true;
  return impl_->clock.now() - impl_->machine.renewed_at() <= impl_->options.times.duration + watchdog;
}

std::string make_identity(const std::string& host, Random& random) { return host + "_" + random.uuid(); }

}  // namespace live::kube
