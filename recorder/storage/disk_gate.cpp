// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/disk_gate.hpp"

#include <algorithm>

namespace live::storage {

std::uint64_t DiskGate::limit(std::uint64_t bytes_per_second) {
  return std::max(least_free, bytes_per_second * static_cast<std::uint64_t>(seconds_of_stream));
}

bool DiskGate::probed(std::uint64_t free_bytes, std::uint64_t bytes_per_second) {
  const std::uint64_t least = limit(bytes_per_second);
  open_ = open_ ? free_bytes >= least : free_bytes > least * margin_to_open;
  return open_;
}

}  // namespace live::storage
