// SPDX-License-Identifier: Apache-2.0
#include "controller/live_room.hpp"

#include "base/json.hpp"
#include "controller/template_hash.hpp"

namespace live::controller {
namespace {

kube::Fields status_fields() {
  return {.name = "status",
          .members = {{.name = "observedGeneration"},
                      {.name = "podName"},
                      {.name = "conditions"},
                      {.name = "room", .members = {{.name = "id"}}},
                      {.name = "recorder", .members = {{.name = "podUID"}, {.name = "drain"}}}}};
}

void take_meta(LiveRoom& room, kube::ObjectMeta meta) {
  room.key = std::move(meta.key);
  room.uid = std::move(meta.uid);
  room.resource_version = std::move(meta.resource_version);
  room.generation = meta.generation;
  room.created = meta.created.value_or(WallTime{});
  room.terminating = meta.deleted.has_value();
}

void take_status(LiveRoom& room, const Json& status) {
  room.observed_generation = json_int(json_at(status, "/observedGeneration")).value_or(0);
  room.pod_name = json_string(json_at(status, "/podName")).value_or("");
  room.conditions = liveroom::conditions_from_json(json_at(status, "/conditions"));
  room.real_room_id = json_int(json_at(status, "/room/id")).value_or(0);
  room.reporter = json_string(json_at(status, "/recorder/podUID")).value_or("");
  room.drain.reset();
  if (const auto id = json_string(json_at(status, "/recorder/drain/id"))) {
    const bool ready = json_string(json_at(status, "/recorder/drain/answer")) == "Ready";
    room.drain = {.id = *id, .answer = ready ? liveroom::DrainAnswer::ready : liveroom::DrainAnswer::busy};
  }
}

}  // namespace

const kube::Fields& live_room_fields() {
  static const kube::Fields fields = kube::object_fields({}, {}, {{.name = "spec"}, status_fields()});
  return fields;
}

const kube::Fields& written_status_fields() {
  static const kube::Fields fields = kube::object_fields({}, {}, {status_fields()});
  return fields;
}

Result<LiveRoom> decode_live_room(const Json& object) {
  Result<kube::ObjectMeta> meta = kube::parse_meta(object);
  if (!meta) return failure(meta.error().message);
  auto spec = liveroom::parse_spec(json_at(object, "/spec"));
  if (!spec) return failure(spec.error().message);

  LiveRoom room;
  take_meta(room, std::move(*meta));
  room.spec = std::move(spec->value);
  room.spec.pod_template = normalized_pod_template(room.spec.pod_template);
  take_status(room, json_at(object, "/status"));
  return room;
}

std::optional<LiveRoom> with_written_status(const LiveRoom& before, const Json& answer) {
  Result<kube::ObjectMeta> meta = kube::parse_meta(answer);
  if (!meta || meta->uid != before.uid || meta->generation != before.generation) return std::nullopt;
  LiveRoom room = before;
  take_meta(room, std::move(*meta));
  take_status(room, json_at(answer, "/status"));
  return room;
}

}  // namespace live::controller
