// SPDX-License-Identifier: Apache-2.0
// Virtual time: nothing happens until the test advances it.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <list>

#include "base/clock.hpp"

namespace live::test {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime wall = WallTime(std::chrono::seconds(1'700'000'000))) : wall_(wall) {}

  TimePoint now() const override { return now_; }
  WallTime wall_now() const override { return wall_; }
  awaitable<bool> sleep_until(TimePoint when, std::stop_token stop) override;

  // Moves both clocks and wakes the sleepers that are due. They run when the io_context does.
  void set(TimePoint when);
  // TimePoint::max() when nobody sleeps.
  TimePoint next_due() const;

 private:
  struct Sleeper {
    TimePoint due;
    asio::steady_timer* timer;
  };
  TimePoint now_{std::chrono::hours(1)};
  WallTime wall_;
  std::list<Sleeper> sleepers_;
};

}  // namespace live::test
