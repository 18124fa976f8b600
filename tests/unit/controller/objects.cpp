// SPDX-License-Identifier: Apache-2.0
#include "objects.hpp"

#include "controller/config_facts.hpp"
#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"
#include "liveroom/recorder_config.hpp"

namespace live::controller::test {
using namespace liveroom;

Settings make_settings() {
  return {.recorder_image = "liveroom:1",
          .recorder_env = {},
          .default_storage = built_in_storage,
          .manage_namespaces = true};
}

LiveRoom make_room(const std::string& name) {
  LiveRoom room;
  room.key = {"rooms", name};
  room.uid = "uid-" + name;
  room.resource_version = "10";
  room.generation = 1;
  room.created = wall - std::chrono::hours(1);
  room.spec.room_id = 6;
  return room;
}

RecorderPod make_pod_of(const LiveRoom& room, const Settings& settings) {
  RecorderPod pod;
  pod.key = {room.key.ns, pod_name(room.key.name)};
  pod.uid = "pod-uid";
  pod.resource_version = "11";
  pod.room = room.key.name;
  pod.managed = true;
  pod.owner_uid = room.uid;
  pod.created = wall - std::chrono::minutes(30);
  pod.image = settings.recorder_image;
  pod.template_hash = template_hash(room.spec, settings);
  pod.config_hash =
      config_hash(make_recorder_config(room.key.ns, room.key.name, room.uid, room.generation, room.spec));
  pod.rooms = 1;
  pod.phase = PodPhase::running;
  pod.ready = true;
  pod.ready_since = pod.created + std::chrono::seconds(3);
  return pod;
}

RecordingsClaim make_claim_of(const LiveRoom& room) {
  RecordingsClaim claim;
  claim.key = {room.key.ns, claim_name(room.key.name)};
  claim.uid = "claim-uid";
  claim.resource_version = "12";
  claim.room = room.key.name;
  claim.managed = true;
  claim.phase = ClaimPhase::bound;
  claim.requested_bytes = std::int64_t{64} << 30;
  return claim;
}

void report(LiveRoom& room, const RecorderPod& pod, bool recording) {
  room.reporter = pod.uid;
  const auto set = [&](ConditionType type, ConditionStatus status, std::string_view why) {
    set_condition(room.conditions, {.type = type, .status = status, .reason = std::string(why)}, wall);
  };
  set(ConditionType::room_found, ConditionStatus::yes, reason::found);
  set(ConditionType::live, recording ? ConditionStatus::yes : ConditionStatus::no,
      recording ? reason::live : reason::offline);
  set(ConditionType::recording, recording ? ConditionStatus::yes : ConditionStatus::no,
      recording ? reason::recording : reason::not_live);
  set(ConditionType::storage_writable, ConditionStatus::yes, reason::writable);
}

Moment make_moment(Duration later) { return {now + later, wall + later, "fresh"}; }

}  // namespace live::controller::test
