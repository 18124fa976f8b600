// SPDX-License-Identifier: Apache-2.0
// The recorder pod of a LiveRoom. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "controller/live_room.hpp"
#include "controller/settings.hpp"
#include "liveroom/recorder_config.hpp"

namespace live::controller {

// Passes Pod Security `restricted` as long as the LiveRoom's podTemplate doesn't ask for more. What the
// operator needs to work wins over podTemplate: names, labels, volumes and variables of its own, the security
// context.
Json make_pod(const LiveRoom& room, const Settings& settings, const liveroom::RecorderConfig& config);

// What changes on a living pod: its configuration, and its protection from drains and autoscalers.
Json config_annotation(const liveroom::RecorderConfig& config);
// Members are null where a merge patch has to take something away.
Json protection_labels(bool recording);
Json protection_annotations(bool recording);

// The LiveRoom as controller of what it owns.
Json owner_references(const LiveRoom& room);
Json managed_labels(const LiveRoom& room, std::string_view component);

}  // namespace live::controller
