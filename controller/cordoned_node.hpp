// SPDX-License-Identifier: Apache-2.0
// A node on which nothing new is scheduled: it is being drained, or soon will be. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/object.hpp"

namespace live::controller {

struct CordonedNode {
  kube::ObjectKey key;
};

inline const kube::Resource nodes{"", "v1", "nodes", "Node", false};
// Only these are watched, so that the rest of a large cluster costs nothing.
inline constexpr const char* cordoned_selector = "spec.unschedulable=true";

inline Result<CordonedNode> decode_cordoned_node(const Json& object) {
  return CordonedNode{kube::key_of(object)};
}

}  // namespace live::controller
