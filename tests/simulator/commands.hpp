// SPDX-License-Identifier: Apache-2.0
// What the control API and scenarios can do to a room. No I/O.
#pragma once
#include <string_view>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

// live, stop, drop, stall, resume, message, chat, change, warning, cutoff, danmaku, faults; README.md has the
// bodies. The problem names the wrong field or says what state does not allow it.
Result<Json> run_command(World& world, Room& room, std::string_view command, const Json& body);

// The room as the control API shows it, with its connections.
Json room_report(World& world, const Room& room);

}  // namespace live::simulator
