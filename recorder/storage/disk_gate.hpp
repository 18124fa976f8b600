// SPDX-License-Identifier: Apache-2.0
// Whether there is room to record: closes before the volume is full, opens again with a margin. Pure.
#pragma once
#include <cstdint>

#include "base/clock.hpp"

namespace live::storage {

class DiskGate {
 public:
  static constexpr std::uint64_t least_free = std::uint64_t{64} << 20;
  static constexpr std::int64_t seconds_of_stream = 20;
  static constexpr std::uint64_t margin_to_open = 2;
  // How often the free space is looked at.
  static constexpr Duration probe_interval = std::chrono::seconds(10);

  // What must be free while a stream of that rate is recorded.
  static std::uint64_t limit(std::uint64_t bytes_per_second);

  // The newest look at the volume. Returns whether recording may go on or begin.
  bool probed(std::uint64_t free_bytes, std::uint64_t bytes_per_second);
  // A write found the volume full, whatever the last look said.
  void close() { open_ = false; }

  bool open() const { return open_; }

 private:
  bool open_ = true;
};

}  // namespace live::storage
