// SPDX-License-Identifier: Apache-2.0
// Where in a file something belongs that happened just now. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "recorder/flv/tag.hpp"

namespace live::recorder {

// Media comes late by a varying time: in bursts after a connect, in pieces of a quarter second, behind a
// stall. What came soonest after it was sent tells how the file's clock and ours go together; later pieces of
// the same seconds add nothing. So the mapping is the largest difference of file time and arrival within the
// last seconds, and begins anew where media was lost, because the file's clock then stands still.
class FileClock {
 public:
  static constexpr std::int64_t bucket_ms = 2000;
  static constexpr std::size_t buckets = 4;

  // A tag was written. Arrivals older than the newest begin() are of the time before and count for nothing.
  void written(std::int64_t file_ms, flv::ArrivalTime arrival) {
    last_ms_ = file_ms > last_ms_ ? file_ms : last_ms_;
    if (arrival < since_) return;
    const std::int64_t difference = file_ms - arrival;
    const std::int64_t bucket = arrival / bucket_ms;
    Bucket& slot = best_[static_cast<std::size_t>(bucket) % buckets];
    if (slot.number != bucket) {
      slot = {bucket, difference};
    } else if (difference > slot.difference) {
      slot.difference = difference;
    }
    if (bucket > newest_) newest_ = bucket;
  }

  // From here on only media that arrives later counts: a connection is being made, or media was lost.
  void begin(flv::ArrivalTime now);
  // Whether media comes; without, time does not go on.
  void flows(bool flowing) { paused_ = !flowing; }

  // Milliseconds in the file; never below 0.
  std::int64_t at(flv::ArrivalTime now) const;

 private:
  struct Bucket {
    std::int64_t number = -1;
    std::int64_t difference = 0;
  };
  std::optional<std::int64_t> difference() const;

  std::array<Bucket, buckets> best_;
  std::int64_t newest_ = -1;
  std::int64_t last_ms_ = 0;
  flv::ArrivalTime since_ = 0;
  bool paused_ = false;
};

}  // namespace live::recorder
