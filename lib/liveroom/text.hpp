// SPDX-License-Identifier: Apache-2.0
// Strings as a status may hold them. Pure.
#pragma once
#include <string>
#include <string_view>

namespace live::liveroom {

// The text without control characters (C0, DEL, C1; line breaks and tabs become a space), with U+FFFD for
// bytes that are not UTF-8, cut after `max_code_points`. The schema's maxLength counts code points.
std::string bounded_text(std::string_view text, std::size_t max_code_points);

}  // namespace live::liveroom
