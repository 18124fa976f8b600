// SPDX-License-Identifier: Apache-2.0
#include "controller/owned_fields.hpp"

#include <string>

#include "base/json.hpp"

namespace live::controller {
namespace {

constexpr int max_depth = 32;

bool matches(const Json& item, const Json& keys) {
  if (!item.is_object()) return false;
  for (const auto& [key, value] : keys.items()) {
    const auto member = item.find(key);
    if (member == item.end() || *member != value) return false;
  }
  return true;
}

// fieldsV1 names members `f:NAME`, items of list maps `k:{keys}`, items of sets `v:VALUE`; `.` is the thing
// itself. A leaf owns all that is below it.
Json extract(const Json& value, const Json& fields, int depth) {
  if (!fields.is_object() || fields.empty() || depth > max_depth) return value;
  if (value.is_object()) {
    Json part = Json::object();
    for (const auto& [field, below] : fields.items()) {
      if (!field.starts_with("f:")) continue;
      const auto member = value.find(field.substr(2));
      if (member != value.end()) part[field.substr(2)] = extract(*member, below, depth + 1);
    }
    return part;
  }
  if (!value.is_array()) return value;
  Json part = Json::array();
  for (const Json& item : value) {  // in the order of the object
    for (const auto& [field, below] : fields.items()) {
      if (field.starts_with("k:") && matches(item, parse_json(field.substr(2))))
        part.push_back(extract(item, below, depth + 1));
      else if (field.starts_with("v:") && item == parse_json(field.substr(2)))
        part.push_back(item);
    }
  }
  return part;
}

}  // namespace

std::optional<Json> owned_fields(const Json& object, std::string_view manager, std::string_view subresource) {
  const Json& entries = json_at(object, "/metadata/managedFields");
  if (!entries.is_array()) return std::nullopt;
  for (const Json& entry : entries) {
    if (json_string(json_at(entry, "/manager")) != manager) continue;
    if (json_string(json_at(entry, "/operation")) != "Apply") continue;
    if (json_string(json_at(entry, "/subresource")).value_or("") != subresource) continue;
    const Json& fields = json_at(entry, "/fieldsV1");
    if (!fields.is_object() || fields.empty()) return std::nullopt;
    return extract(object, fields, 0);
  }
  return std::nullopt;
}

}  // namespace live::controller
