// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/circuit_breaker.hpp"

#include <algorithm>

namespace live::bilibili {
namespace {

constexpr double jitter = 0.25;
// Refused again within this time after a pause: the next pause is longer.
constexpr Duration memory = std::chrono::minutes(10);

Duration scaled(Duration length, double by) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, Duration::period>(length) * by);
}

}  // namespace

bool CircuitBreaker::allow(TimePoint now) {
  if (!open_) return true;
  if (now < retry_at_) return false;
  if (probe_until_ && now < *probe_until_) return false;
  probe_until_ = now + probe_timeout;
  return true;
}

void CircuitBreaker::succeeded(TimePoint now) {
  if (!open_) {
    note(true, now);
    return;
  }
  if (!probe_until_) return;  // the late answer of a call from before
  open_ = false;
  probe_until_.reset();
  closed_at_ = now;
  outcomes_.clear();
}

void CircuitBreaker::failed(const ApiError& error, TimePoint now, Random& random) {
  if (is_throttling(error.kind)) {
    if (open_ && !probe_until_) return;  // the late answer of a call from before
    const bool again = open_ || (closed_at_ && now - *closed_at_ < memory);
    pause_ = again ? std::min(longest_pause, pause_ * 2) : first_pause;
    open(error.kind, pause_, now, random);
    return;
  }
  if (error.kind != ErrorKind::transient && error.kind != ErrorKind::malformed) {
    succeeded(now);  // the service answered, be it with bad news
    return;
  }
  if (open_) {
    if (probe_until_) open(cause_, failure_pause, now, random);
    return;
  }
  note(false, now);
  const auto failures = std::count_if(outcomes_.begin(), outcomes_.end(),
                                      [](const Outcome& outcome) { return !outcome.success; });
  const bool enough = outcomes_.size() >= failure_calls;
  if (enough && static_cast<double>(failures) >= failure_share * static_cast<double>(outcomes_.size())) {
    open(error.kind, failure_pause, now, random);
  }
}

void CircuitBreaker::open(ErrorKind cause, Duration pause, TimePoint now, Random& random) {
  open_ = true;
  cause_ = cause;
  probe_until_.reset();
  retry_at_ = now + scaled(pause, 1.0 + jitter * random.unit()) + scaled(spread_, random.unit());
  outcomes_.clear();
  ++times_opened_;
}

void CircuitBreaker::note(bool success, TimePoint now) {
  while (!outcomes_.empty() && now - outcomes_.front().when > failure_window) outcomes_.pop_front();
  if (outcomes_.size() == max_outcomes) outcomes_.pop_front();
  outcomes_.push_back(Outcome{now, success});
}

}  // namespace live::bilibili
