// SPDX-License-Identifier: Apache-2.0
// What recorder pods need once in their namespace: ServiceAccount, RoleBinding, PodDisruptionBudget
// (DESIGN 9.5). Pure.
#pragma once
#include <array>
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/object.hpp"

namespace live::controller {

enum class NamespaceObjectKind : std::uint8_t { service_account, role_binding, disruption_budget };
inline constexpr std::array namespace_object_kinds = {NamespaceObjectKind::service_account,
                                                      NamespaceObjectKind::role_binding,
                                                      NamespaceObjectKind::disruption_budget};

const kube::Resource& resource_of(NamespaceObjectKind kind);
std::string name_of(NamespaceObjectKind kind);
// As server-side apply wants it.
Json wanted_object(NamespaceObjectKind kind, const std::string& ns);

struct NamespaceObject {
  kube::ObjectKey key;
  std::string uid;
  std::string resource_version;
  bool as_wanted = false;    // says everything that wanted_object() does
  bool is_replaced = false;  // differs in what can't be changed: the role that a binding refers to
  bool terminating = false;
};
Result<NamespaceObject> decode_namespace_object(NamespaceObjectKind kind, const Json& object);

// The selector of lists and watches that finds what the operator made.
std::string managed_selector();

}  // namespace live::controller
