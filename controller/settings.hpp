// SPDX-License-Identifier: Apache-2.0
// What the controller was started with, as far as decisions depend on it. Pure.
#pragma once
#include <string>
#include <vector>

namespace live::controller {

struct EnvironmentVariable {
  std::string name;
  std::string value;
  bool operator==(const EnvironmentVariable&) const = default;
};

// What a recorder gets unless its LiveRoom's podTemplate says otherwise. Idle it holds less than 15 MiB; its
// buffers are bounded by 32 MiB.
inline constexpr const char* built_in_resources =
    R"({"requests":{"cpu":"10m","memory":"32Mi"},"limits":{"memory":"256Mi"}})";

struct Settings {
  std::string recorder_image;
  std::vector<EnvironmentVariable> recorder_env;        // for every recorder pod
  std::string recorder_resources = built_in_resources;  // JSON text of ResourceRequirements
  std::string default_storage;                          // JSON text of a PersistentVolumeClaimSpec
  // True: the controller makes ServiceAccount, RoleBinding and PodDisruptionBudget where LiveRooms are.
  bool manage_namespaces = true;
  int concurrent_updates = 5;  // outdated pods that are updated at a time
};

// What a claim is made from when neither the LiveRoom nor the options say anything.
inline constexpr const char* built_in_storage =
    R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"64Gi"}}})";

}  // namespace live::controller
