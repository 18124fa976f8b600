// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/retention_plan.hpp"

#include <algorithm>

namespace live::storage {
namespace {

// What the limits are held against, as recordings go.
struct Balance {
  std::uint64_t used = 0;
  std::optional<std::uint64_t> free;

  void remove(std::uint64_t bytes) {
    used -= std::min(used, bytes);
    if (free) *free += bytes;
  }
  bool short_of_space(const RetentionLimits& limits) const {
    const bool too_much = limits.max_size > 0 && used > limits.max_size;
    const bool too_little = limits.min_free > 0 && free && *free < limits.min_free;
    return too_much || too_little;
  }
};

bool too_old(const KeptRecording& recording, WallTime now, const RetentionLimits& limits) {
  return limits.max_age.count() > 0 && recording.end < now && now - recording.end > limits.max_age;
}

}  // namespace

RetentionPlan plan_retention(const RetentionState& state, const RetentionLimits& limits) {
  Balance balance{state.other_bytes, state.free_bytes};
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < state.recordings.size(); ++i) {
    balance.used += state.recordings[i].bytes;
    if (state.recordings[i].finished) candidates.push_back(i);
  }
  std::ranges::stable_sort(candidates, {}, [&](std::size_t i) { return state.recordings[i].end; });
  RetentionPlan plan;
  for (const std::size_t candidate : candidates) {
    const KeptRecording& recording = state.recordings[candidate];
    if (!too_old(recording, state.now, limits) && !balance.short_of_space(limits)) break;
    balance.remove(recording.bytes);
    plan.remove.push_back(candidate);
  }
  plan.unmet = balance.short_of_space(limits);
  return plan;
}

}  // namespace live::storage
