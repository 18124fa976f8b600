// SPDX-License-Identifier: Apache-2.0
// Time as a seam: everything that waits or looks at a clock takes a Clock, and tests turn it by hand.
#pragma once
#include <chrono>
#include <stop_token>

#include "base/asio.hpp"

namespace live {

using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall_now() const = 0;
  // True when the time has come, false when stop was requested first. Never throws Stopped.
  virtual awaitable<bool> sleep_until(TimePoint when, std::stop_token stop) = 0;

  awaitable<bool> sleep_for(Duration length, std::stop_token stop) {
    return sleep_until(now() + length, std::move(stop));
  }
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
  awaitable<bool> sleep_until(TimePoint when, std::stop_token stop) override;
};

}  // namespace live
