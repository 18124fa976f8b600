// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <algorithm>

namespace live {
namespace {
Duration scaled(Duration length, double by) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, Duration::period>(length) * by);
}
}  // namespace

Duration Backoff::next(TimePoint now, Random& random) {
  if (last_ != TimePoint{} && now - last_ > limits_.reset_after + next_) next_ = limits_.min;
  last_ = now;
  const Duration wait = scaled(next_, 1.0 + limits_.jitter * random.unit());
  next_ = std::min(limits_.max, scaled(next_, limits_.factor));
  return wait;
}

Duration jittered(Duration length, double share, Random& random) {
  return scaled(length, 1.0 - share + 2.0 * share * random.unit());
}

}  // namespace live
