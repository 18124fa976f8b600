// SPDX-License-Identifier: Apache-2.0
#include "base/alarm.hpp"

#include <utility>

namespace live {

void Alarm::ring() {
  rung_ = true;
  if (sleeper_) sleeper_->request_stop();
}

awaitable<bool> Alarm::wait_until(TimePoint when, std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  if (std::exchange(rung_, false)) co_return true;
  std::stop_source sleeper;
  sleeper_ = &sleeper;
  std::stop_callback forward(stop, [&sleeper] { sleeper.request_stop(); });
  co_await clock_.sleep_until(when, sleeper.get_token());
  sleeper_ = nullptr;
  rung_ = false;
  co_return !stop.stop_requested();
}

}  // namespace live
