// SPDX-License-Identifier: Apache-2.0
// The controller's part of a LiveRoom's status. Pure.
#pragma once
#include <cstdint>
#include <string>

#include "base/json_fwd.hpp"
#include "controller/observed.hpp"
#include "liveroom/conditions.hpp"

namespace live::controller {

struct ControllerStatus {
  std::int64_t observed_generation = 0;
  std::string pod_name;             // empty: there is no pod
  liveroom::Conditions conditions;  // the controller's own only
  bool operator==(const ControllerStatus&) const = default;
};

// What the LiveRoom has now, and what it should have. The same when nothing needs to be written: times of
// transitions and everything else are kept where the state is the same.
ControllerStatus present_status(const LiveRoom& room);
ControllerStatus wanted_status(const Observed& observed, const Settings& settings, const RoomMemory& memory,
                               const Moment& moment);
// For a LiveRoom whose spec this version can't read. `present`: the controller's part of what it has.
ControllerStatus invalid_status(ControllerStatus present, std::int64_t generation, const std::string& problem,
                                WallTime wall);

// The body of the server-side apply on /status.
Json status_patch(const std::string& name, const ControllerStatus& status);

}  // namespace live::controller
