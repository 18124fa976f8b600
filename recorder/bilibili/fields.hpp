// SPDX-License-Identifier: Apache-2.0
// Single values out of replies and messages, with their bounds. No I/O; never throws.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "recorder/bilibili/room_info.hpp"

namespace live::bilibili {

// Titles, names and texts are shown and written to many places: longer ones are cut, at a code point.
constexpr std::size_t max_text_bytes = 1024;

std::string cut_text(std::string text);
std::string text_at(const Json& value, std::string_view path);  // empty when there is none
std::int64_t int_at(const Json& value, std::string_view path);  // 0 when there is none
bool bool_at(const Json& value, std::string_view path);
// Unix seconds or a date text.
std::optional<WallTime> live_time_at(const Json& value, std::string_view path);
std::optional<LiveStatus> live_status_at(const Json& value, std::string_view path);

}  // namespace live::bilibili
