// SPDX-License-Identifier: Apache-2.0
#include "controller/recorder_absent.hpp"

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "controller/owned_fields.hpp"
#include "kube/object.hpp"
#include "liveroom/conditions.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
using namespace liveroom;

std::optional<Json> absent_patch(const Json& live_room, const std::string& message, WallTime wall) {
  std::optional<Json> owned = owned_fields(live_room, field_manager::recorder, "status");
  if (!owned) return std::nullopt;
  Json status = json_at(*owned, "/status");
  const auto conditions = status.is_object() ? status.find("conditions") : status.end();
  if (conditions == status.end() || !conditions->is_array()) return std::nullopt;
  bool changed = false;
  for (Json& condition : *conditions) {
    if (json_string(json_at(condition, "/reason")) == reason::recorder_absent) continue;
    if (json_string(json_at(condition, "/status")) != to_string(ConditionStatus::unknown))
      condition["lastTransitionTime"] = format_rfc3339(std::chrono::floor<std::chrono::seconds>(wall));
    condition["status"] = to_string(ConditionStatus::unknown);
    condition["reason"] = reason::recorder_absent;
    condition["message"] = message;
    changed = true;
  }
  if (!changed) return std::nullopt;
  return Json{{"apiVersion", group_version},
              {"kind", kind},
              {"metadata",
               {{"name", json_at(live_room, "/metadata/name")},
                {"resourceVersion", kube::resource_version_of(live_room)}}},
              {"status", std::move(status)}};
}

}  // namespace live::controller
