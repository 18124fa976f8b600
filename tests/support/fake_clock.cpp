// SPDX-License-Identifier: Apache-2.0
#include "support/fake_clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace live::test {

awaitable<bool> FakeClock::sleep_until(TimePoint when, std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  if (when <= now_) co_return true;
  const Executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, TimePoint::max());
  const auto place = sleepers_.insert(sleepers_.end(), Sleeper{when, &timer});
  std::stop_callback on_stop(stop, [&timer] { timer.cancel(); });
  error_code ignored;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, ignored));
  sleepers_.erase(place);
  co_return !stop.stop_requested();
}

void FakeClock::set(TimePoint when) {
  wall_ += std::chrono::duration_cast<WallTime::duration>(when - now_);
  now_ = when;
  for (Sleeper& sleeper : sleepers_) {
    if (sleeper.due <= now_) {
      sleeper.due = TimePoint::max();
      sleeper.timer->cancel();
    }
  }
}

TimePoint FakeClock::next_due() const {
  TimePoint due = TimePoint::max();
  for (const Sleeper& sleeper : sleepers_) due = std::min(due, sleeper.due);
  return due;
}

}  // namespace live::test
