// SPDX-License-Identifier: Apache-2.0
#include "kube/object.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<WallTime> time_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return parse_rfc3339(found->get_ref<const std::string&>());
}

std::map<std::string, std::string> texts_at(const Json& object, const char* key) {
  std::map<std::string, std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return texts;
  for (const auto& [name, value] : found->items())
    if (value.is_string()) texts.emplace(name, value.get<std::string>());
  return texts;
}

std::vector<OwnerReference> owners_at(const Json& meta) {
  std::vector<OwnerReference> owners;
  const auto found = meta.find("ownerReferences");
  if (found == meta.end() || !found->is_array()) return owners;
  for (const Json& owner : *found) {
    if (!owner.is_object()) continue;
    owners.push_back({text_at(owner, "apiVersion"), text_at(owner, "kind"), text_at(owner, "name"),
                      text_at(owner, "uid"), flag_at(owner, "controller"),
                      flag_at(owner, "blockOwnerDeletion")});
  }
  return owners;
}

std::string_view text_of(const std::map<std::string, std::string>& texts, const std::string& name) {
  const auto found = texts.find(name);
  return found == texts.end() ? std::string_view() : std::string_view(found->second);
}

bool is_decimal(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const OwnerReference* ObjectMeta::controller() const {
  const auto found = std::find_if(owners.begin(), owners.end(),
                                  [](const OwnerReference& owner) { return owner.controller; });
  return found == owners.end() ? nullptr : &*found;
}

std::string_view ObjectMeta::label(const std::string& name) const { return text_of(labels, name); }

std::string_view ObjectMeta::annotation(const std::string& name) const { return text_of(annotations, name); }

Result<ObjectMeta> parse_meta(const Json& object) {
  const Json& meta = json_at(object, "/metadata");
  if (!meta.is_object()) return failure("metadata: missing");
  ObjectMeta result;
  result.key = {text_at(meta, "namespace"), text_at(meta, "name")};
  if (result.key.name.empty()) return failure("metadata.name: missing");
  result.uid = text_at(meta, "uid");
  result.resource_version = text_at(meta, "resourceVersion");
  result.generation = json_int(json_at(meta, "/generation")).value_or(0);
  result.created = time_at(meta, "creationTimestamp");
  result.deleted = time_at(meta, "deletionTimestamp");
  result.labels = texts_at(meta, "labels");
  result.annotations = texts_at(meta, "annotations");
  result.owners = owners_at(meta);
  if (const auto found = meta.find("finalizers"); found != meta.end() && found->is_array())
    for (const Json& finalizer : *found)
      if (finalizer.is_string()) result.finalizers.push_back(finalizer.get<std::string>());
  return result;
}

Json owner_reference_json(const OwnerReference& owner) {
  return Json{{"apiVersion", owner.api_version},
              {"kind", owner.kind},
              {"name", owner.name},
              {"uid", owner.uid},
              {"controller", owner.controller},
              {"blockOwnerDeletion", owner.block_owner_deletion}};
}

ObjectKey key_of(const Json& object) {
  const Json& meta = json_at(object, "/metadata");
  if (!meta.is_object()) return {};
  return {text_at(meta, "namespace"), text_at(meta, "name")};
}

std::string resource_version_of(const Json& object) {
  const Json& meta = json_at(object, "/metadata");
  return meta.is_object() ? text_at(meta, "resourceVersion") : std::string();
}

std::partial_ordering compare_resource_versions(std::string_view a, std::string_view b) {
  if (!is_decimal(a) || !is_decimal(b)) return std::partial_ordering::unordered;
  const auto without_zeros = [](std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
  };
  a = without_zeros(a);
  b = without_zeros(b);
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

}  // namespace live::kube
