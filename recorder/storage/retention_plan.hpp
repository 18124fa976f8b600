// SPDX-License-Identifier: Apache-2.0
// Which recordings have to go. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace live::storage {

struct RetentionLimits {
  std::chrono::seconds max_age{0};  // each 0: off
  std::uint64_t max_size = 0;
  std::uint64_t min_free = 0;
};

struct KeptRecording {
  WallTime end{};
  std::uint64_t bytes = 0;  // with all that belongs to it
  bool finished = true;     // false: counts, and never goes
};

struct RetentionState {
  WallTime now{};
  std::vector<KeptRecording> recordings;
  std::uint64_t other_bytes = 0;            // of files that are open: they count against max_size
  std::optional<std::uint64_t> free_bytes;  // of the volume; nothing when it isn't known
};

struct RetentionPlan {
  std::vector<std::size_t> remove;  // places in `recordings`, oldest first
  bool unmet = false;               // nothing finished is left, and a limit is still not kept
};

// Finished recordings, the one that ended first before the others, and no more than bring every limit back.
RetentionPlan plan_retention(const RetentionState& state, const RetentionLimits& limits);

}  // namespace live::storage
