// SPDX-License-Identifier: Apache-2.0
#include "controller/recorder_pod.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "controller/config_facts.hpp"
#include "controller/template_hash.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

PodPhase phase_of(const Json& status) {
  const std::string phase = json_string(json_at(status, "/phase")).value_or("");
  if (phase == "Pending") return PodPhase::pending;
  if (phase == "Running") return PodPhase::running;
  if (phase == "Succeeded") return PodPhase::succeeded;
  if (phase == "Failed") return PodPhase::failed;
  return PodPhase::unknown;
}

std::string text_at(const Json& value, std::string_view path) {
  return json_string(json_at(value, path)).value_or("");
}

// The item of a list whose member `key` is `value`; null when there is none.
const Json& item_of(const Json& list, const char* key, std::string_view value) {
  static const Json none;
  if (!list.is_array()) return none;
  for (const Json& item : list) {
    if (item.is_object() && item.contains(key) && item[key] == value) return item;
  }
  return none;
}

void read_config(std::string_view text, RecorderPod& pod) {
  ConfigFacts facts = config_facts(text);
  pod.config_hash = facts.hash;
  pod.generation = facts.generation;
  pod.report_sequence = facts.report_sequence;
  pod.rooms = facts.rooms;
  pod.drain = std::move(facts.drain);
}

void read_image_update(std::string_view text, RecorderPod& pod) {
  if (text.empty()) return;
  const Json json = parse_json(text);
  pod.updated_from = text_at(json, "/from");
  const std::string container = text_at(json, "/container");
  std::from_chars(container.data(), container.data() + container.size(), pod.updated_container, 16);
}

void read_status(const Json& status, RecorderPod& pod) {
  pod.phase = phase_of(status);
  const Json& ready = item_of(json_at(status, "/conditions"), "type", "Ready");
  pod.ready = text_at(ready, "/status") == "True";
  pod.ready_since = parse_rfc3339(text_at(ready, "/lastTransitionTime")).value_or(pod.created);
  const Json& scheduled = item_of(json_at(status, "/conditions"), "type", "PodScheduled");
  if (text_at(scheduled, "/status") == "False" && text_at(scheduled, "/reason") == "Unschedulable")
    pod.unschedulable = text_at(scheduled, "/message");

  const Json& container = item_of(json_at(status, "/containerStatuses"), "name", container_name);
  if (const std::string id = text_at(container, "/containerID"); !id.empty()) pod.container = text_hash(id);
  pod.waiting_reason = text_at(container, "/state/waiting/reason");
  pod.waiting_message = text_at(container, "/state/waiting/message");
  pod.end_reason = text_at(status, "/reason");
  pod.end_message = text_at(status, "/message");
  if (!pod.end_reason.empty()) return;
  for (const char* state : {"/state/terminated", "/lastState/terminated"}) {
    const Json& terminated = json_at(container, state);
    if (!terminated.is_object()) continue;
    pod.end_reason = text_at(terminated, "/reason");
    pod.end_message = text_at(terminated, "/message");
    return;
  }
}

}  // namespace

const kube::Fields& recorder_pod_fields() {
  static const kube::Fields fields = kube::object_fields(
      {{.name = label::room}, {.name = label::managed_by}, {.name = label::recording}},
      {{.name = annotation::template_hash}, {.name = annotation::config}, {.name = image_update}},
      {{.name = "spec",
        .members = {{.name = "nodeName"},
                    {.name = "containers", .members = {{.name = "name"}, {.name = "image"}}}}},
       {.name = "status",
        .members = {
            {.name = "phase"},
            {.name = "reason"},
            {.name = "message"},
            {.name = "conditions"},
            {.name = "containerStatuses",
             .members = {
                 {.name = "name"}, {.name = "containerID"}, {.name = "state"}, {.name = "lastState"}}}}}});
  return fields;
}

Result<RecorderPod> decode_recorder_pod(const Json& object) {
  Result<kube::ObjectMeta> meta = kube::parse_meta(object);
  if (!meta) return failure(meta.error().message);
  RecorderPod pod;
  pod.key = std::move(meta->key);
  pod.uid = std::move(meta->uid);
  pod.resource_version = std::move(meta->resource_version);
  pod.room = meta->label(std::string(label::room));
  pod.managed = meta->label(std::string(label::managed_by)) == label::managed_by_value;
  if (const kube::OwnerReference* owner = meta->controller()) pod.owner_uid = owner->uid;
  pod.created = meta->created.value_or(WallTime{});
  pod.deleted = meta->deleted;
  pod.template_hash = meta->annotation(std::string(annotation::template_hash));
  pod.marked_recording = meta->label(std::string(label::recording)) == "true";
  read_config(meta->annotation(std::string(annotation::config)), pod);
  read_image_update(meta->annotation(std::string(image_update)), pod);
  pod.node = text_at(object, "/spec/nodeName");
  pod.image = text_at(item_of(json_at(object, "/spec/containers"), "name", container_name), "/image");
  read_status(json_at(object, "/status"), pod);
  return pod;
}

std::string image_update_annotation(const RecorderPod& before) {
  return dump_json({{"from", before.image}, {"container", fmt::format("{:016x}", before.container)}});
}

bool is_pull_error(std::string_view waiting_reason) {
  return waiting_reason == "ErrImagePull" || waiting_reason == "ImagePullBackOff" ||
         waiting_reason == "InvalidImageName" || waiting_reason == "ErrImageNeverPull";
}

kube::ObjectKey room_key_of(const RecorderPod& pod) { return {pod.key.ns, pod.room}; }

}  // namespace live::controller
