// SPDX-License-Identifier: Apache-2.0
#include "controller/status.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

constexpr std::string_view storage_class_missing = "StorageClassMissing";

// A condition in the making.
struct Verdict {
  ConditionStatus status = ConditionStatus::unknown;
  std::string_view reason;
  std::string message;
};

Verdict yes(std::string_view why, std::string message = {}) {
  return {ConditionStatus::yes, why, std::move(message)};
}
Verdict no(std::string_view why, std::string message = {}) {
  return {ConditionStatus::no, why, std::move(message)};
}
Verdict unknown(std::string_view why, std::string message = {}) {
  return {ConditionStatus::unknown, why, std::move(message)};
}
Verdict refused(const Refusal& refusal) { return no(refusal.reason, refusal.message); }

// A refusal is shown as long as the LiveRoom is the same, also while the write is tried again.
bool stands(const std::optional<Refusal>& refusal, const LiveRoom& room) {
  return refusal && refusal->generation == room.generation;
}

std::string claim_of(const LiveRoom& room) {
  return uses_named_claim(room) ? room.spec.storage.claim_name : claim_name(room.key.name);
}

Verdict storage_ready(const Observed& o, const RoomMemory& memory) {
  const std::string claim = claim_of(o.room);
  switch (claim_standing(o)) {
    case ClaimStanding::missing:
      if (stands(memory.claim_refused, o.room)) return refused(*memory.claim_refused);
      if (uses_named_claim(o.room))
        return no(reason::claim_missing, fmt::format("there is no claim {}", claim));
      if (o.room.spec.suspend)
        return unknown(reason::suspended, "the claim is made when the room is resumed");
      return no(reason::claim_pending, fmt::format("claim {} is being made", claim));
    case ClaimStanding::pending:
      if (!o.class_problem.empty()) return no(storage_class_missing, o.class_problem);
      return no(reason::claim_pending, fmt::format("claim {} waits for a volume", claim));
    case ClaimStanding::lost:
      return no(reason::claim_lost, fmt::format("claim {} has lost its volume", claim));
    case ClaimStanding::terminating:
      return no(reason::claim_terminating, fmt::format("claim {} is being deleted", claim));
    case ClaimStanding::conflict:
      return no(reason::claim_conflict, fmt::format("claim {} belongs to somebody else", claim));
    case ClaimStanding::bound:
      break;
  }
  if (stands(memory.growth_refused, o.room))
    return yes(reason::resize_refused, memory.growth_refused->message);
  if (!o.claim->resizing.empty()) return yes(reason::resizing, o.claim->resizing);
  return yes(reason::bound);
}

std::string_view wait_for_update(const LiveRoom& room, const RecorderPod& pod) {
  if (room.spec.update_policy == UpdatePolicy::never) return "updatePolicy is Never";
  if (is_recording(room, pod)) return "waits for the end of the recording";
  return "waits for the recorder to be idle";
}

Verdict up_to_date(const Observed& o, const Settings& settings, const RoomMemory& memory) {
  const PodStanding standing = pod_standing(o);
  const bool its_own = standing == PodStanding::ours || standing == PodStanding::ended ||
                       (standing == PodStanding::terminating && o.pod->owner_uid == o.room.uid);
  if (!its_own) return unknown(reason::no_pod);
  switch (outdated(o.room, *o.pod, settings)) {
    case Outdated::no:
      if (o.pod->updating()) return no(reason::replacing, "the container starts with the new image");
      return yes(reason::up_to_date);
    case Outdated::changed_template:
      if (o.pod->terminating()) return no(reason::replacing);
      return no(reason::template_changed, std::string(wait_for_update(o.room, *o.pod)));
    case Outdated::changed_image:
      if (o.pod->terminating()) return no(reason::replacing);
      if (!memory.update_failed.empty()) return no(reason::image_pull_failed, memory.update_failed);
      return no(reason::image_changed, std::string(wait_for_update(o.room, *o.pod)));
  }
  return unknown(reason::no_pod);
}

Verdict suspended(const LiveRoom& room) {
  return room.spec.suspend ? yes(reason::suspended) : no(reason::not_suspended);
}

std::string with_detail(std::string_view what, std::string_view detail) {
  return detail.empty() ? std::string(what) : fmt::format("{}: {}", what, detail);
}

Verdict pod_verdict(const Observed& o, const RoomMemory& memory, const Moment& moment) {
  const std::string name = pod_name(o.room.key.name);
  switch (pod_standing(o)) {
    case PodStanding::missing:
      if (stands(memory.pod_refused, o.room)) return refused(*memory.pod_refused);
      if (moment.now < memory.recreate_at)
        return no(reason::pod_ended, with_detail("the pod ended and is made again", memory.ended_reason));
      return no(reason::pod_pending, fmt::format("pod {} is being made", name));
    case PodStanding::foreign:
      return no(reason::name_conflict, fmt::format("pod {} belongs to somebody else", name));
    case PodStanding::orphan:
      return no(reason::pod_terminating, fmt::format("pod {} of an earlier LiveRoom is being removed", name));
    case PodStanding::ended:
      return no(reason::pod_ended, with_detail(o.pod->end_reason, o.pod->end_message));
    case PodStanding::terminating:
      if (is_node_lost(*o.pod, moment.wall))
        return no(reason::node_lost,
                  fmt::format("pod {} can't end because its node doesn't answer; deleting the "
                              "Node or the taint node.kubernetes.io/out-of-service frees it",
                              name));
      return no(reason::pod_terminating, fmt::format("pod {} is ending", name));
    case PodStanding::ours:
      break;
  }
  const RecorderPod& pod = *o.pod;
  if (!pod.unschedulable.empty()) return no(reason::unschedulable, pod.unschedulable);
  if (is_pull_error(pod.waiting_reason))
    return no(reason::image_pull_failed, with_detail(pod.image, pod.waiting_message));
  if (pod.waiting_reason == "CrashLoopBackOff")
    return no(reason::crash_loop, with_detail(pod.end_reason, pod.end_message));
  if (pod.waiting_reason == "CreateContainerConfigError" || pod.waiting_reason == "CreateContainerError" ||
      pod.waiting_reason == "RunContainerError")
    return no(pod.waiting_reason, pod.waiting_message);
  if (pod.phase == PodPhase::pending) return no(reason::pod_pending, fmt::format("pod {} is starting", name));
  if (!pod.ready) return no(reason::pod_not_ready, fmt::format("pod {} is not ready", name));
  return yes(reason::ready);
}

// What the recorder says that the room's readiness hangs on.
Verdict recorder_verdict(const LiveRoom& room, ConditionType type, std::string_view prefix) {
  const Condition* condition = find_condition(room.conditions, type);
  if (condition == nullptr || condition->status == ConditionStatus::unknown)
    return unknown(reason::pending, fmt::format("the recorder has not reported {}", to_string(type)));
  if (condition->status == ConditionStatus::yes) return yes(reason::ready);
  return no(prefix.empty() ? std::string_view(condition->reason) : prefix, condition->message);
}

Verdict ready(const Observed& o, const RoomMemory& memory, const Moment& moment, const Verdict& storage) {
  if (o.room.spec.suspend) return no(reason::suspended);
  const Verdict pod = pod_verdict(o, memory, moment);
  // A claim that waits for its first consumer is not what keeps the pod from starting.
  if (storage.status != ConditionStatus::yes &&
      (storage.reason != reason::claim_pending || pod.status == ConditionStatus::yes))
    return no(reason::storage_not_ready, storage.message);
  if (pod.status != ConditionStatus::yes) return pod;
  if (Verdict found = recorder_verdict(o.room, ConditionType::room_found, reason::room_not_found);
      found.status != ConditionStatus::yes)
    return found;
  if (Verdict writable = recorder_verdict(o.room, ConditionType::storage_writable, "");
      writable.status != ConditionStatus::yes)
    return writable;
  if (o.elder)
    return yes(reason::duplicate_room, fmt::format("LiveRoom {} records the same room", o.elder->text()));
  return yes(reason::ready);
}

void set(ControllerStatus& status, ConditionType type, Verdict verdict, WallTime wall) {
  set_condition(status.conditions,
                {.type = type,
                 .status = verdict.status,
                 .reason = std::string(verdict.reason),
                 .message = std::move(verdict.message),
                 .observed_generation = status.observed_generation},
                wall);
}

}  // namespace

ControllerStatus present_status(const LiveRoom& room) {
  ControllerStatus status{room.observed_generation, room.pod_name, room.conditions};
  std::erase_if(status.conditions, [](const Condition& c) { return is_recorders(c.type); });
  return status;
}

ControllerStatus wanted_status(const Observed& observed, const Settings& settings, const RoomMemory& memory,
                               const Moment& moment) {
  ControllerStatus status = present_status(observed.room);
  status.observed_generation = observed.room.generation;
  const bool has_pod = observed.pod != nullptr && observed.pod->owner_uid == observed.room.uid;
  status.pod_name = has_pod ? observed.pod->key.name : "";
  const Verdict storage = storage_ready(observed, memory);
  set(status, ConditionType::ready, ready(observed, memory, moment, storage), moment.wall);
  set(status, ConditionType::storage_ready, storage, moment.wall);
  set(status, ConditionType::up_to_date, up_to_date(observed, settings, memory), moment.wall);
  set(status, ConditionType::suspended, suspended(observed.room), moment.wall);
  return status;
}

ControllerStatus invalid_status(ControllerStatus present, std::int64_t generation, const std::string& problem,
                                WallTime wall) {
  present.observed_generation = generation;
  set(present, ConditionType::ready, no(reason::invalid_spec, problem), wall);
  return present;
}

Json status_patch(const std::string& name, const ControllerStatus& status) {
  Json body = {{"observedGeneration", status.observed_generation},
               {"conditions", to_json(status.conditions)}};
  if (!status.pod_name.empty()) body["podName"] = status.pod_name;
  return {{"apiVersion", group_version},
          {"kind", kind},
          {"metadata", {{"name", name}}},
          {"status", std::move(body)}};
}

}  // namespace live::controller
