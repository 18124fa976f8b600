// SPDX-License-Identifier: Apache-2.0
#include "controller/pod_template.hpp"

#include <algorithm>
#include <string_view>

#include "base/json.hpp"

namespace live::controller {
namespace {

bool has_item(const Json& list, const char* key, const Json& value) {
  return std::any_of(list.begin(), list.end(), [&](const Json& item) {
    const auto member = item.find(key);
    return member != item.end() && *member == value;
  });
}

// Adds the members of the template's map that the pod's map doesn't have.
void add_members(Json& map, const Json& from) {
  if (!from.is_object()) return;
  for (const auto& [key, value] : from.items())
    if (!map.contains(key)) map[key] = value;
}

// Adds the items of the template's list whose `key` the pod's list doesn't have.
void add_items(Json& list, const Json& from, const char* key) {
  if (!from.is_array()) return;
  for (const Json& item : from)
    if (item.is_object() && item.contains(key) && !has_item(list, key, item[key])) list.push_back(item);
}

void copy(Json& target, const Json& from, const char* key) {
  const auto member = from.find(key);
  if (member != from.end() && !member->is_null()) target[key] = *member;
}

// A default toleration is left out where the template tolerates the same, with its own limit or for ever.
bool covers(const Json& own, const Json& by_default) {
  const std::string key = own.value("key", "");
  const std::string effect = own.value("effect", "");
  return (key.empty() || key == by_default["key"]) && (effect.empty() || effect == by_default["effect"]);
}

void merge_tolerations(Json& tolerations, const Json& from) {
  if (!from.is_array() || from.empty()) return;
  Json merged = from;
  for (const Json& by_default : tolerations) {
    const bool covered = std::any_of(from.begin(), from.end(), [&](const Json& own) {
      return own.is_object() && covers(own, by_default);
    });
    if (!covered) merged.push_back(by_default);
  }
  tolerations = std::move(merged);
}

}  // namespace

void merge_pod_template(Json& pod, const Json& pod_template) {
  if (!pod_template.is_object()) return;
  add_members(pod["metadata"]["labels"], json_at(pod_template, "/metadata/labels"));
  add_members(pod["metadata"]["annotations"], json_at(pod_template, "/metadata/annotations"));
  Json& spec = pod["spec"];
  for (const char* key : {"nodeSelector", "affinity", "topologySpreadConstraints", "priorityClassName",
                          "hostAliases", "dnsConfig", "imagePullSecrets", "terminationGracePeriodSeconds"})
    copy(spec, pod_template, key);
  merge_tolerations(spec["tolerations"], json_at(pod_template, "/tolerations"));
  for (const char* key : {"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "fsGroupChangePolicy"})
    copy(spec["securityContext"], json_at(pod_template, "/securityContext"), key);
  add_items(spec["volumes"], json_at(pod_template, "/volumes"), "name");
  Json& container = spec["containers"][0];
  copy(container, pod_template, "resources");
  add_items(container["env"], json_at(pod_template, "/env"), "name");
  add_items(container["volumeMounts"], json_at(pod_template, "/volumeMounts"), "mountPath");
}

}  // namespace live::controller
