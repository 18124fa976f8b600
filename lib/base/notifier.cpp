// SPDX-License-Identifier: Apache-2.0
#include "base/notifier.hpp"

#include <boost/asio/redirect_error.hpp>

namespace live {

awaitable<bool> Notifier::wait(std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  std::stop_callback on_stop(stop, [this] { timer_.cancel(); });
  error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(use_awaitable, ignored));
  co_return !stop.stop_requested();
}

}  // namespace live
