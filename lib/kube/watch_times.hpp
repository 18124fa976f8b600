// SPDX-License-Identifier: Apache-2.0
// How long a reflector waits for what.
#pragma once
#include <chrono>

#include "base/backoff.hpp"

namespace live::kube {

struct WatchTimes {
  // client-go's figures: 0.8 s doubling to 30 s, each up to twice as long, from the start after two calm
  // minutes.
  BackoffLimits backoff{std::chrono::milliseconds(800), std::chrono::seconds(30), 2.0, 1.0,
                        std::chrono::minutes(2)};
  // When nobody answers there is nobody to spare: what changed in an outage is seen 8 s after its end at the
  // latest.
  BackoffLimits away{std::chrono::milliseconds(800), std::chrono::seconds(4), 2.0, 1.0,
                     std::chrono::minutes(2)};
  // After a stream that worked for so long waits start over.
  Duration proven = std::chrono::seconds(15);
  // Asked of the server; spread, so that many watches do not end together.
  std::chrono::seconds shortest{300};
  std::chrono::seconds longest{600};
  // A stream that ends sooner is a fault, not a timeout.
  Duration short_watch = std::chrono::seconds(1);
  // A stream silent for longer is dead: servers send a bookmark each minute.
  Duration max_silence = std::chrono::seconds(120);
  // A stream that the server has not ended so long after its timeout is closed by us.
  Duration overdue = std::chrono::seconds(10);
};

}  // namespace live::kube
