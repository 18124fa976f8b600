// SPDX-License-Identifier: Apache-2.0
// Members of the spec's enumerations as the schema spells them, by their numeric value. Pure.
#pragma once
#include <array>
#include <string_view>

namespace live::liveroom::names_of {

inline constexpr std::array<std::string_view, 2> stream_format = {"flv", "fmp4"};
inline constexpr std::array<std::string_view, 2> stream_codec = {"avc", "hevc"};
inline constexpr std::array<std::string_view, 2> quality_fallback = {"Best", "Wait"};
inline constexpr std::array<std::string_view, 3> danmaku_file = {"None", "Xml", "XmlAndRaw"};
inline constexpr std::array<std::string_view, 2> cover_file = {"None", "Save"};
inline constexpr std::array<std::string_view, 2> gap_handling = {"Close", "Keep"};
inline constexpr std::array<std::string_view, 3> address_family = {"Any", "IPv4", "IPv6"};
inline constexpr std::array<std::string_view, 2> when_deleted = {"Retain", "Delete"};
inline constexpr std::array<std::string_view, 3> update_policy = {"WhenIdle", "Immediately", "Never"};
inline constexpr std::array<std::string_view, 7> weekday = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
inline constexpr std::array<std::string_view, 6> notification_event = {
    "SessionStarted", "FileOpening", "FileClosed", "SessionEnded", "StreamStarted", "StreamEnded"};

}  // namespace live::liveroom::names_of
