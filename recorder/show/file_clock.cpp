// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/file_clock.hpp"

#include <algorithm>

namespace live::recorder {

void FileClock::begin(flv::ArrivalTime now) {
  best_ = {};
  newest_ = -1;
  since_ = now;
}

std::optional<std::int64_t> FileClock::difference() const {
  std::optional<std::int64_t> best;
  for (const Bucket& bucket : best_) {
    const bool recent = bucket.number >= 0 && newest_ - bucket.number < static_cast<std::int64_t>(buckets);
    if (recent && (!best || bucket.difference > *best)) best = bucket.difference;
  }
  return best;
}

std::int64_t FileClock::at(flv::ArrivalTime now) const {
  const std::optional<std::int64_t> known = difference();
  if (paused_ || !known) return last_ms_;
  return std::max<std::int64_t>(*known + now, 0);
}

}  // namespace live::recorder
