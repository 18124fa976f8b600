// SPDX-License-Identifier: Apache-2.0
#include "kube/grace.hpp"

namespace live::kube {

awaitable<void> stop_after_grace(Clock& clock, Duration grace, std::stop_token finished,
                                 std::stop_source hard, std::stop_token stop) {
  co_await clock.sleep_until(TimePoint::max(), stop);
  co_await clock.sleep_for(grace, finished);
  hard.request_stop();
}

}  // namespace live::kube
