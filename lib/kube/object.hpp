// SPDX-License-Identifier: Apache-2.0
// What every Kubernetes object has: where it lives, who it is, who owns it. No I/O.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::kube {

// Namespace and name; the namespace of a cluster-scoped object is empty.
struct ObjectKey {
  std::string ns;
  std::string name;

  std::string text() const { return ns.empty() ? name : ns + "/" + name; }
  auto operator<=>(const ObjectKey&) const = default;
};

struct ObjectKeyHash {
  std::size_t operator()(const ObjectKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.ns) * 31 + hash(key.name);
  }
};

// A kind of object as the API serves it. `group` is empty for the core group.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
  std::string kind;
  bool namespaced = true;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool operator==(const Resource&) const = default;
};

namespace resources {
inline const Resource pods{"", "v1", "pods", "Pod"};
inline const Resource claims{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"};
inline const Resource config_maps{"", "v1", "configmaps", "ConfigMap"};
inline const Resource service_accounts{"", "v1", "serviceaccounts", "ServiceAccount"};
inline const Resource namespaces{"", "v1", "namespaces", "Namespace", false};
inline const Resource events{"events.k8s.io", "v1", "events", "Event"};
inline const Resource leases{"coordination.k8s.io", "v1", "leases", "Lease"};
inline const Resource role_bindings{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"};
inline const Resource disruption_budgets{"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"};
}  // namespace resources

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool block_owner_deletion = false;
  bool operator==(const OwnerReference&) const = default;
};

// metadata as a struct. A decoder that keeps thousands of objects clears what it does not need.
struct ObjectMeta {
  ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<WallTime> created;
  std::optional<WallTime> deleted;  // deletionTimestamp: when the grace period ends, so usually in the future
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<OwnerReference> owners;
  std::vector<std::string> finalizers;

  bool terminating() const { return deleted.has_value(); }
  // The owner with controller: true; null when there is none.
  const OwnerReference* controller() const;
  // Empty when there is no such label or annotation.
  std::string_view label(const std::string& name) const;
  std::string_view annotation(const std::string& name) const;
};

// Fails when there is no name; fields of a wrong type count as absent. Text that is not UTF-8 can't be in
// JSON.
Result<ObjectMeta> parse_meta(const Json& object);
Json owner_reference_json(const OwnerReference& owner);

// Namespace and name alone; both empty when there is no metadata.
ObjectKey key_of(const Json& object);
// metadata.resourceVersion, or empty.
std::string resource_version_of(const Json& object);

// Which of two versions of one resource type is newer (decimal integers up to 2^128: KEP-5504). Unordered
// when one of them is no decimal number, as servers before that rule may send.
std::partial_ordering compare_resource_versions(std::string_view a, std::string_view b);

}  // namespace live::kube
