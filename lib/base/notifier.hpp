// SPDX-License-Identifier: Apache-2.0
// A condition variable for coroutines of one thread: wait() ends at the next notify().
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <stop_token>

#include "base/asio.hpp"
#include "base/clock.hpp"

namespace live {

class Notifier {
 public:
  explicit Notifier(const Executor& executor) : timer_(executor, TimePoint::max()) {}

  // Wakes all that wait now. Nobody waiting: no effect, so check the condition in a loop around wait().
  void notify() { timer_.cancel(); }

  // False when stop was requested.
  awaitable<bool> wait(std::stop_token stop);

 private:
  asio::steady_timer timer_;
};

}  // namespace live
