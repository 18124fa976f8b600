// SPDX-License-Identifier: Apache-2.0
#include "controller/plan.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "controller/config_facts.hpp"
#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

void earlier(std::optional<Duration>& again, Duration other) {
  other = std::max(other, Duration(std::chrono::milliseconds(100)));
  again = again ? std::min(*again, other) : other;
}

bool has_absent_conditions(const LiveRoom& room) {
  return std::any_of(room.conditions.begin(), room.conditions.end(), [](const Condition& condition) {
    return is_recorders(condition.type) && condition.reason == reason::recorder_absent;
  });
}

class Planner {
 public:
  Planner(const Observed& observed, const Settings& settings, const RoomMemory& memory, const Moment& moment)
      : o_(observed), room_(observed.room), settings_(settings), memory_(memory), moment_(moment) {}

  Plan run() {
    plan_.place = UpdatePlace::release;
    if (room_.terminating) return std::move(plan_);
    plan_.recorder_absent = recorder_is_absent(o_, moment_.wall, plan_.again);
    const bool claim_usable = plan_claim();
    switch (pod_standing(o_)) {
      case PodStanding::missing:
        plan_.place = room_.spec.suspend ? UpdatePlace::release : UpdatePlace::keep;
        if (claim_usable && !room_.spec.suspend) create_pod();
        break;
      case PodStanding::ours:
        plan_pod();
        break;
      case PodStanding::ended:
        add(DeletePod{DeletePod::Why::ended, o_.pod->uid, ""});
        break;
      case PodStanding::orphan:
        add(DeletePod{DeletePod::Why::orphan, o_.pod->uid, ""});
        break;
      case PodStanding::terminating:
        plan_.place = UpdatePlace::keep;
        if (!is_node_lost(*o_.pod, moment_.wall))
          earlier(plan_.again, *o_.pod->deleted + node_lost_after - moment_.wall + std::chrono::seconds(1));
        break;
      case PodStanding::foreign:
        earlier(plan_.again, conflict_again);
        break;
    }
    return std::move(plan_);
  }

 private:
  void add(Step step) { plan_.steps.push_back(std::move(step)); }

  // True when there is a claim that a pod may use, or there will be when the steps so far are done.
  bool plan_claim() {
    const ClaimStanding standing = claim_standing(o_);
    if (uses_named_claim(room_)) {
      if (standing != ClaimStanding::bound) earlier(plan_.again, named_claim_again);
      return standing == ClaimStanding::bound || standing == ClaimStanding::pending;
    }
    switch (standing) {
      case ClaimStanding::missing:
        if (room_.spec.suspend) return false;
        if (waits(memory_.claim_refused)) return false;
        add(CreateClaim{});
        return true;
      case ClaimStanding::pending:
      case ClaimStanding::bound:
        if (!o_.class_problem.empty()) earlier(plan_.again, named_claim_again);
        keep_claim(standing);
        return true;
      case ClaimStanding::lost:
      case ClaimStanding::terminating:
        return false;
      case ClaimStanding::conflict:
        earlier(plan_.again, conflict_again);
        return false;
    }
    return false;
  }

  void keep_claim(ClaimStanding standing) {
    const bool wanted = room_.spec.storage.when_deleted == WhenDeleted::remove;
    if (claim_owned(o_) != wanted) add(SetClaimOwner{wanted});
    if (standing != ClaimStanding::bound || room_.spec.storage.volume_claim_template.empty()) return;
    const Json claim_template = parse_json(room_.spec.storage.volume_claim_template, 128);
    const auto storage = json_string(json_at(claim_template, "/spec/resources/requests/storage"));
    const std::int64_t bytes = storage ? parse_quantity(*storage).value_or(0) : 0;
    if (bytes > o_.claim->requested_bytes && !waits(memory_.growth_refused)) add(GrowClaim{*storage});
  }

  // True when a write was refused and its time has not come again.
  bool waits(const std::optional<Refusal>& refusal) {
    if (!refusal || !refusal->stands(room_, moment_.now)) return false;
    earlier(plan_.again, refusal->retry_at - moment_.now);
    return true;
  }

  RecorderConfig config() const {
    RecorderConfig config =
        make_recorder_config(room_.key.ns, room_.key.name, room_.uid, room_.generation, room_.spec);
    config.rooms = o_.rooms;
    return config;
  }

  void create_pod() {
    if (waits(memory_.pod_refused)) return;
    if (moment_.now < memory_.recreate_at) return earlier(plan_.again, memory_.recreate_at - moment_.now);
    add(CreatePod{config()});
  }

  void plan_pod() {
    const RecorderPod& pod = *o_.pod;
    // Another controller has seen a newer spec: ours is the past, and must not come back.
    if (pod.generation > room_.generation) {
      plan_.place = UpdatePlace::keep;
      return;
    }
    if (room_.spec.suspend) return add(DeletePod{DeletePod::Why::suspended, pod.uid, ""});
    if (has_bad_image(pod)) return go_back(pod);
    const bool is_outdated = outdated(room_, pod, settings_) != Outdated::no;
    if (!is_outdated) take_note(pod);
    if (is_outdated && update_now(pod)) return;
    PatchPod patch{.uid = pod.uid};
    RecorderConfig wanted = config();
    wanted.drain = plan_.drain ? plan_.drain->id : is_outdated ? pod.drain : "";
    wanted.report_sequence = pod.report_sequence + (wants_report(pod) ? 1 : 0);
    if (config_hash(wanted) != pod.config_hash) patch.config = std::move(wanted);
    const bool protect = is_recording(room_, pod) && room_.spec.update_policy != UpdatePolicy::immediately;
    if (protect != pod.marked_recording) patch.recording = protect;
    if (patch.config || patch.recording) add(std::move(patch));
  }

  // The image that the pod was given can't be pulled, and it had another one that could.
  bool has_bad_image(const RecorderPod& pod) const {
    return pod.image == settings_.recorder_image && !pod.updated_from.empty() &&
           pod.updated_from != pod.image && is_pull_error(pod.waiting_reason);
  }

  void go_back(const RecorderPod& pod) {
    plan_.place = UpdatePlace::release;
    PatchPod patch{.uid = pod.uid, .resource_version = pod.resource_version};
    patch.image = pod.updated_from;
    patch.back = true;
    add(std::move(patch));
  }

  // Of a pod that is as it should be, or will be once its new container is up.
  void take_note(const RecorderPod& pod) {
    if (pod.updating() || !pod.ready) {
      plan_.place = UpdatePlace::keep;
    } else {
      plan_.image_proven = true;
    }
  }

  // Adds what updates an outdated pod.
  void update(const RecorderPod& pod, const std::string& resource_version) {
    // An image that nobody has tried is tried in place: from there is a way back.
    const bool other_image = pod.image != settings_.recorder_image;
    const bool other_template = outdated(room_, pod, settings_) == Outdated::changed_template;
    if (other_template && (!other_image || o_.permit.proven))
      return add(DeletePod{DeletePod::Why::replaced, pod.uid, resource_version});
    PatchPod patch{.uid = pod.uid, .resource_version = resource_version};
    patch.image = settings_.recorder_image;
    patch.config = config();  // without the drain, which is over
    patch.config->report_sequence = pod.report_sequence;
    add(std::move(patch));
  }

  // True when the time to update an outdated pod has come; else takes what is to be done before it.
  bool update_now(const RecorderPod& pod) {
    if (room_.spec.update_policy == UpdatePolicy::never) return false;
    const bool forced = room_.spec.update_policy == UpdatePolicy::immediately || deadline_passed();
    const bool runs = !is_not_running(pod);
    // Whether a recorder that has not yet reported records is not known: wait for its word.
    if (!forced && runs && (room_.reporter != pod.uid || is_recording(room_, pod))) return false;
    if (o_.permit.kind != UpdatePermit::Kind::yes) {
      plan_.place = o_.permit.kind == UpdatePermit::Kind::wait ? UpdatePlace::wait : UpdatePlace::release;
      earlier(plan_.again, o_.permit.again);
      return false;
    }
    plan_.place = UpdatePlace::take;
    if (forced || !runs) {
      // That nothing runs yet may be long past: only the pod as it was seen is touched.
      update(pod, forced ? "" : pod.resource_version);
      return true;
    }
    return ask_and_update(pod);
  }

  bool ask_and_update(const RecorderPod& pod) {
    if (memory_.drain && memory_.drain->id == pod.drain) {
      const Duration age = moment_.now - memory_.drain->at;
      const bool answered = room_.drain && room_.drain->id == pod.drain;
      if (answered && room_.drain->answer == DrainAnswer::ready && age <= drain_valid) {
        update(pod, pod.resource_version);
        return true;
      }
      if (answered && room_.drain->answer == DrainAnswer::busy) plan_.place = UpdatePlace::release;
      if (age < drain_again) {
        earlier(plan_.again, drain_again - age);
        return false;
      }
      // A recorder that says nothing keeps nobody else from being updated.
      if (!answered && age < 2 * drain_again) {
        plan_.place = UpdatePlace::release;
        earlier(plan_.again, 2 * drain_again - age);
        return false;
      }
    }
    plan_.place = UpdatePlace::take;
    plan_.drain = IssuedDrain{moment_.fresh_id, moment_.now};
    earlier(plan_.again, drain_again);
    return false;
  }

  bool deadline_passed() {
    const Condition* up_to_date = find_condition(room_.conditions, ConditionType::up_to_date);
    if (room_.spec.update_deadline_seconds <= 0 || up_to_date == nullptr ||
        up_to_date->status != ConditionStatus::no)
      return false;
    const WallTime deadline =
        up_to_date->last_transition + std::chrono::seconds(room_.spec.update_deadline_seconds);
    if (moment_.wall >= deadline) return true;
    earlier(plan_.again, deadline - moment_.wall + std::chrono::seconds(1));
    return false;
  }

  // After an absence that its own pod has come out of, the recorder doesn't know that its conditions were
  // overwritten.
  bool wants_report(const RecorderPod& pod) {
    if (!pod.ready || room_.reporter != pod.uid || !has_absent_conditions(room_)) return false;
    if (memory_.report_asked_at && moment_.now < *memory_.report_asked_at + report_again) {
      earlier(plan_.again, *memory_.report_asked_at + report_again - moment_.now);
      return false;
    }
    plan_.asks_report = true;
    earlier(plan_.again, report_again);
    return true;
  }

  const Observed& o_;
  const LiveRoom& room_;
  const Settings& settings_;
  const RoomMemory& memory_;
  const Moment& moment_;
  Plan plan_;
};

}  // namespace

bool recorder_is_absent(const Observed& observed, WallTime wall, std::optional<Duration>& again) {
  const Conditions& conditions = observed.room.conditions;
  const bool claims_something = std::any_of(conditions.begin(), conditions.end(), [](const Condition& c) {
    return is_recorders(c.type) && c.reason != reason::recorder_absent;
  });
  if (!claims_something) return false;
  const RecorderPod* pod = observed.pod;
  if (pod == nullptr || pod->uid != observed.room.reporter || pod->ended()) return true;
  if (pod->ready) return false;
  const Duration silent = wall - pod->ready_since;
  if (silent >= absent_after) return true;
  earlier(again, absent_after - silent + std::chrono::seconds(1));
  return false;
}

Plan plan(const Observed& observed, const Settings& settings, const RoomMemory& memory,
          const Moment& moment) {
  return Planner(observed, settings, memory, moment).run();
}

}  // namespace live::controller
