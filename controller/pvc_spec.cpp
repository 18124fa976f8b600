// SPDX-License-Identifier: Apache-2.0
#include "controller/pvc_spec.hpp"

#include "base/json.hpp"
#include "controller/pod_spec.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
using namespace liveroom;

Json make_claim(const LiveRoom& room, const Settings& settings) {
  Json metadata = {{"name", claim_name(room.key.name)},
                   {"namespace", room.key.ns},
                   {"labels", managed_labels(room, label::recordings_component)}};
  Json spec;
  if (room.spec.storage.volume_claim_template.empty()) {
    spec = parse_json(settings.default_storage, 128);
  } else {
    const Json claim_template = parse_json(room.spec.storage.volume_claim_template, 128);
    spec = json_at(claim_template, "/spec");
    for (const char* key : {"labels", "annotations"}) {
      const Json& map = json_at(claim_template, std::string("/metadata/") + key);
      if (!map.is_object() || map.empty()) continue;
      Json merged = map;
      if (metadata.contains(key)) merged.update(metadata[key]);
      metadata[key] = std::move(merged);
    }
  }
  if (room.spec.storage.when_deleted == WhenDeleted::remove)
    metadata["ownerReferences"] = owner_references(room);
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)}};
}

Json claim_owners(const LiveRoom& room, const RecordingsClaim& claim, bool owned) {
  Json list = Json::array();
  for (const kube::OwnerReference& owner : claim.owners)
    if (owner.uid != room.uid) list.push_back(kube::owner_reference_json(owner));
  if (owned) list.push_back(owner_references(room)[0]);
  return list;
}

}  // namespace live::controller
