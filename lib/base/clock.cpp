// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace live {

awaitable<bool> SystemClock::sleep_until(TimePoint when, std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  const Executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, when);
  std::stop_callback on_stop(stop, [&timer] { timer.cancel(); });
  error_code ignored;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  co_return !stop.stop_requested();
}

}  // namespace live
