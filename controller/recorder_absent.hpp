// SPDX-License-Identifier: Apache-2.0
// The recorder's status when there is no recorder (DESIGN 9.6). Pure.
#pragma once
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"

namespace live::controller {

// The body of a server-side apply in the recorder's name on /status: all that it owns of `live_room` (as just
// read, with its managedFields), with every condition Unknown. The object's resourceVersion goes with it, so
// that a recorder that wrote in between makes it a conflict. Nothing when the recorder owns no conditions or
// all of them say so already.
std::optional<Json> absent_patch(const Json& live_room, const std::string& message, WallTime wall);

}  // namespace live::controller
