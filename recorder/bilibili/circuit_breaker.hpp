// SPDX-License-Identifier: Apache-2.0
// Keeps quiet after answers that tell us to. Pure: time and randomness come from the caller.
#pragma once
#include <deque>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "recorder/bilibili/api_error.hpp"

namespace live::bilibili {

// Opens at once on an answer that throttles (2 min, doubled at each further one up to 30 min, with jitter),
// and for a minute when at least 80 % of 6 or more calls in 30 s fail. When the time is over one call is let
// through: its success closes the breaker, a throttling answer opens it again.
class CircuitBreaker {
 public:
  static constexpr Duration first_pause = std::chrono::minutes(2);
  static constexpr Duration longest_pause = std::chrono::minutes(30);
  static constexpr Duration failure_window = std::chrono::seconds(30);
  static constexpr Duration failure_pause = std::chrono::minutes(1);
  static constexpr std::size_t failure_calls = 6;
  static constexpr double failure_share = 0.8;
  static constexpr std::size_t max_outcomes = 64;
  static constexpr Duration probe_timeout = std::chrono::seconds(30);

  // `spread`: recovery is delayed by up to this at random, so that many pods behind one address don't return
  // together.
  explicit CircuitBreaker(Duration spread = Duration::zero()) : spread_(spread) {}
  void set_spread(Duration spread) { spread_ = spread; }

  // Whether a call may go out now. While half open only one may, until its answer or probe_timeout.
  bool allow(TimePoint now);
  void succeeded(TimePoint now);
  void failed(const ApiError& error, TimePoint now, Random& random);

  // Open, or waiting for the answer of the probing call.
  bool open() const { return open_; }
  TimePoint retry_at() const { return retry_at_; }
  ErrorKind cause() const { return cause_; }
  std::uint64_t times_opened() const { return times_opened_; }

 private:
  void open(ErrorKind cause, Duration pause, TimePoint now, Random& random);
  void note(bool success, TimePoint now);

  struct Outcome {
    TimePoint when;
    bool success;
  };
  Duration spread_;
  bool open_ = false;
  std::optional<TimePoint> probe_until_;
  TimePoint retry_at_{};
  Duration pause_ = first_pause;
  ErrorKind cause_ = ErrorKind::transient;
  std::optional<TimePoint> closed_at_;
  std::deque<Outcome> outcomes_;
  std::uint64_t times_opened_ = 0;
};

}  // namespace live::bilibili
