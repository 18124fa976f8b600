// SPDX-License-Identifier: Apache-2.0
#include "controller/observed.hpp"

#include <algorithm>

#include "controller/template_hash.hpp"

namespace live::controller {
using namespace liveroom;

bool RoomMemory::is_worth_keeping(const LiveRoom& room, TimePoint now) const {
  const auto of_this_spec = [&](const std::optional<Refusal>& refusal) {
    return refusal && refusal->generation == room.generation;
  };
  return of_this_spec(claim_refused) || of_this_spec(growth_refused) || of_this_spec(pod_refused) ||
         (recreate_at != TimePoint::min() && now < recreate_at + ended_reset) ||
         (drain && now < drain->at + 2 * drain_again) || !update_failed.empty() ||
         (report_asked_at && now < *report_asked_at + report_again);
}

PodStanding pod_standing(const Observed& observed) {
  const RecorderPod* pod = observed.pod;
  if (pod == nullptr) return PodStanding::missing;
  if (pod->terminating()) return PodStanding::terminating;
  if (pod->owner_uid == observed.room.uid) return pod->ended() ? PodStanding::ended : PodStanding::ours;
  if (pod->owner_uid.empty() && pod->managed && pod->room == observed.room.key.name)
    return PodStanding::orphan;
  return PodStanding::foreign;
}

ClaimStanding claim_standing(const Observed& observed) {
  const RecordingsClaim* claim = observed.claim;
  if (claim == nullptr) return ClaimStanding::missing;
  if (!uses_named_claim(observed.room)) {
    const bool theirs = std::any_of(claim->owners.begin(), claim->owners.end(), [&](const auto& owner) {
      return owner.controller && owner.uid != observed.room.uid;
    });
    if (theirs || !claim->managed || claim->room != observed.room.key.name) return ClaimStanding::conflict;
  }
  if (claim->terminating) return ClaimStanding::terminating;
  switch (claim->phase) {
    case ClaimPhase::pending:
      return ClaimStanding::pending;
    case ClaimPhase::bound:
      return ClaimStanding::bound;
    case ClaimPhase::lost:
      return ClaimStanding::lost;
  }
  return ClaimStanding::pending;
}

bool claim_owned(const Observed& observed) {
  return observed.claim != nullptr &&
         std::any_of(observed.claim->owners.begin(), observed.claim->owners.end(),
                     [&](const auto& owner) { return owner.uid == observed.room.uid; });
}

Outdated outdated(const LiveRoom& room, const RecorderPod& pod, const Settings& settings) {
  if (pod.template_hash != template_hash(room.spec, settings)) return Outdated::changed_template;
  if (pod.image != settings.recorder_image) return Outdated::changed_image;
  return Outdated::no;
}

bool is_recording(const LiveRoom& room, const RecorderPod& pod) {
  return room.reporter == pod.uid && is_true(room.conditions, ConditionType::recording);
}

bool is_not_running(const RecorderPod& pod) {
  return pod.ended() || pod.phase == PodPhase::pending || !pod.waiting_reason.empty();
}

bool is_node_lost(const RecorderPod& pod, WallTime wall) {
  return pod.deleted && !pod.ended() && wall > *pod.deleted + node_lost_after;
}

}  // namespace live::controller
