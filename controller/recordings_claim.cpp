// SPDX-License-Identifier: Apache-2.0
#include "controller/recordings_claim.hpp"

#include "base/json.hpp"
#include "base/quantity.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

ClaimPhase phase_of(const Json& status) {
  const std::string phase = json_string(json_at(status, "/phase")).value_or("");
  if (phase == "Bound") return ClaimPhase::bound;
  if (phase == "Lost") return ClaimPhase::lost;
  return ClaimPhase::pending;
}

// "FileSystemResizePending" and the like; empty when no growth is under way.
std::string resizing_of(const Json& conditions) {
  if (!conditions.is_array()) return {};
  for (const Json& condition : conditions) {
    const std::string type = json_string(json_at(condition, "/type")).value_or("");
    const bool holds = json_string(json_at(condition, "/status")) == "True";
    if (holds && type.find("Resiz") != std::string::npos) return type;
  }
  return {};
}

}  // namespace

const kube::Fields& recordings_claim_fields() {
  static const kube::Fields fields = kube::object_fields(
      {{.name = label::room}, {.name = label::managed_by}}, {},
      {{.name = "spec",
        .members = {{.name = "storageClassName"},
                    {.name = "resources",
                     .members = {{.name = "requests", .members = {{.name = "storage"}}}}}}},
       {.name = "status", .members = {{.name = "phase"}, {.name = "conditions"}}}});
  return fields;
}

Result<RecordingsClaim> decode_recordings_claim(const Json& object) {
  Result<kube::ObjectMeta> meta = kube::parse_meta(object);
  if (!meta) return failure(meta.error().message);
  RecordingsClaim claim;
  claim.key = std::move(meta->key);
  claim.uid = std::move(meta->uid);
  claim.resource_version = std::move(meta->resource_version);
  claim.room = meta->label(std::string(label::room));
  claim.managed = meta->label(std::string(label::managed_by)) == label::managed_by_value;
  claim.terminating = meta->terminating();
  claim.owners = std::move(meta->owners);
  claim.phase = phase_of(json_at(object, "/status"));
  const auto storage = json_string(json_at(object, "/spec/resources/requests/storage"));
  if (storage) claim.requested_bytes = parse_quantity(*storage).value_or(0);
  claim.storage_class = json_string(json_at(object, "/spec/storageClassName")).value_or("");
  claim.resizing = resizing_of(json_at(object, "/status/conditions"));
  return claim;
}

kube::ObjectKey room_key_of(const RecordingsClaim& claim) { return {claim.key.ns, claim.room}; }

}  // namespace live::controller
