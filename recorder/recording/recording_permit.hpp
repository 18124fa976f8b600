// SPDX-License-Identifier: Apache-2.0
// Whether a show may be recorded, by its title, its area and the hour. Pure.
#pragma once
#include <string>

#include "base/clock.hpp"
#include "liveroom/spec.hpp"
#include "recorder/bilibili/room_info.hpp"

namespace live::recorder {

enum class Permit { granted, filtered, outside_window };

struct PermitDecision {
  Permit permit = Permit::granted;
  std::string message;               // for a person, when not granted
  WallTime until = WallTime::max();  // the hour may give another answer from then on
  bool operator==(const PermitDecision&) const = default;
};

// Texts match as they are, anywhere in the title, the area or the parent area. A window lasts from its `from`
// on one of its days to its `to`, on the next day when that is not later; when clocks are changed it begins
// at the first and ends at the last moment that can be meant.
PermitDecision recording_permit(const liveroom::RecordingSpec& spec, const bilibili::RoomInfo& room,
                                WallTime now);

}  // namespace live::recorder
