// SPDX-License-Identifier: Apache-2.0
// Waits that grow. Pure: time and randomness come from the caller.
#pragma once
#include <chrono>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace live {

struct BackoffLimits {
  Duration min;
  Duration max;
  double factor = 2.0;
  double jitter = 0.5;  // a wait w becomes w .. w * (1 + jitter)
  Duration reset_after = std::chrono::minutes(2);
};

class Backoff {
 public:
  explicit Backoff(BackoffLimits limits) : limits_(limits), next_(limits.min) {}

  // How long to wait after a failure at `now`. Starts over when the last failure is long ago.
  Duration next(TimePoint now, Random& random);
  void reset() { next_ = limits_.min; }

 private:
  BackoffLimits limits_;
  Duration next_;
  TimePoint last_{};
};

// length ± share, e.g. jittered(5s, 0.2, random) is between 4 s and 6 s.
Duration jittered(Duration length, double share, Random& random);

}  // namespace live
