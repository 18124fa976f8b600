// SPDX-License-Identifier: Apache-2.0
// Times as text: RFC 3339, and local times of a named zone.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace live {

std::string format_rfc3339(WallTime time);                     // 2026-11-25T00:38:20Z
std::string format_rfc3339_micro(WallTime time);               // 2026-11-25T00:38:20.000001Z
std::optional<WallTime> parse_rfc3339(std::string_view text);  // fraction and any offset accepted

}  // namespace live
