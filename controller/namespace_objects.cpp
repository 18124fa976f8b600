// SPDX-License-Identifier: Apache-2.0
#include "controller/namespace_objects.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/json.hpp"
#include "liveroom/names.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

constexpr std::string_view account_component = "namespace";

Json labels(std::string_view component) {
  return {{std::string(label::name), label::name_value},
          {std::string(label::managed_by), label::managed_by_value},
          {std::string(label::component), component}};
}

// Everything that `wanted` says is in `object`; lists are compared whole.
bool says(const Json& object, const Json& wanted) {
  if (!wanted.is_object()) return object == wanted;
  if (!object.is_object()) return false;
  for (const auto& [key, value] : wanted.items()) {
    const auto member = object.find(key);
    if (member == object.end() || !says(*member, value)) return false;
  }
  return true;
}

Json role_reference() {
  return {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", recorder_account}};
}

Json body_of(NamespaceObjectKind kind, const std::string& ns) {
  switch (kind) {
    case NamespaceObjectKind::service_account:
      return {{"automountServiceAccountToken", false}};
    case NamespaceObjectKind::role_binding:
      return {{"roleRef", role_reference()},
              {"subjects",
               Json::array({{{"kind", "ServiceAccount"}, {"name", recorder_account}, {"namespace", ns}}})}};
    case NamespaceObjectKind::disruption_budget:
      // Pods of a custom resource have no scale that maxUnavailable could be reckoned from. More pods than
      // there can be: an eviction of a recording pod is always refused, and nothing has to be counted.
      return {{"spec",
               {{"minAvailable", std::numeric_limits<std::int32_t>::max()},
                {"selector", {{"matchLabels", {{std::string(label::recording), "true"}}}}},
                {"unhealthyPodEvictionPolicy", "AlwaysAllow"}}}};
  }
  return Json::object();
}

}  // namespace

const kube::Resource& resource_of(NamespaceObjectKind kind) {
  switch (kind) {
    case NamespaceObjectKind::service_account:
      return kube::resources::service_accounts;
    case NamespaceObjectKind::role_binding:
      return kube::resources::role_bindings;
    case NamespaceObjectKind::disruption_budget:
      break;
  }
  return kube::resources::disruption_budgets;
}

std::string name_of(NamespaceObjectKind kind) {
  return std::string(kind == NamespaceObjectKind::disruption_budget ? disruption_budget : recorder_account);
}

Json wanted_object(NamespaceObjectKind kind, const std::string& ns) {
  const kube::Resource& resource = resource_of(kind);
  Json object = {
      {"apiVersion", resource.api_version()},
      {"kind", resource.kind},
      {"metadata", {{"name", name_of(kind)}, {"namespace", ns}, {"labels", labels(account_component)}}}};
  object.update(body_of(kind, ns));
  return object;
}

Result<NamespaceObject> decode_namespace_object(NamespaceObjectKind kind, const Json& object) {
  Result<kube::ObjectMeta> meta = kube::parse_meta(object);
  if (!meta) return failure(meta.error().message);
  const Json wanted = wanted_object(kind, meta->key.ns);
  NamespaceObject decoded;
  decoded.as_wanted = says(object, wanted);
  decoded.is_replaced =
      kind == NamespaceObjectKind::role_binding && !says(json_at(object, "/roleRef"), role_reference());
  decoded.key = std::move(meta->key);
  decoded.uid = std::move(meta->uid);
  decoded.resource_version = std::move(meta->resource_version);
  decoded.terminating = meta->terminating();
  return decoded;
}

std::string managed_selector() { return fmt::format("{}={}", label::managed_by, label::managed_by_value); }

}  // namespace live::controller
