// SPDX-License-Identifier: Apache-2.0
// Merges what a LiveRoom's podTemplate says into the pod that the operator makes. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"

namespace live::controller {

// `pod` has one container. What it has already by name (labels, annotations, variables, volumes, mounts by
// path) stays as it is; tolerations are added to; resources and plain fields of the template win.
void merge_pod_template(Json& pod, const Json& pod_template);

}  // namespace live::controller
