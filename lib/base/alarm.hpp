// SPDX-License-Identifier: Apache-2.0
// A sleep that can be cut short: for loops that act at known times and when something happens in between. No
// ticks.
#pragma once
#include <stop_token>

#include "base/clock.hpp"

namespace live {

// One waiter, one thread.
class Alarm {
 public:
  explicit Alarm(Clock& clock) : clock_(clock) {}

  // Ends the wait that runs; without one, the next wait ends at once.
  void ring();

  // True at the time or when rung; false when stopped. TimePoint::max(): only a ring ends it.
  awaitable<bool> wait_until(TimePoint when, std::stop_token stop);

 private:
  Clock& clock_;
  std::stop_source* sleeper_ = nullptr;
  bool rung_ = false;
};

}  // namespace live
