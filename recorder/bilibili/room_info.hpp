// SPDX-License-Identifier: Apache-2.0
// A room as the API calls describe it. No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace live::bilibili {

enum class LiveStatus { idle = 0, live = 1, rotation = 2 };  // rotation replays old recordings: not live

// What may stand between us and a room, as room_init and getRoomPlayInfo tell it.
struct RoomAccess {
  bool hidden = false;
  bool locked = false;
  bool encrypted = false;  // wants a password that was not given
  bool paid = false;       // watching costs; whether this account has paid shows in the streams
  bool drm = false;
  bool operator==(const RoomAccess&) const = default;
};

struct RoomInit {
  std::int64_t room_id = 0;   // the real one
  std::int64_t short_id = 0;  // 0: none
  std::int64_t uid = 0;
  LiveStatus status = LiveStatus::idle;
  std::optional<WallTime> live_time;
  RoomAccess access;
};

// What people see of a room.
struct RoomInfo {
  std::int64_t room_id = 0;  // the real one; 0 until it is known
  std::int64_t short_id = 0;
  std::int64_t uid = 0;
  std::string title;
  std::string anchor;  // the streamer's name
  std::string area;
  std::string parent_area;
  std::string cover_url;
  bool operator==(const RoomInfo&) const = default;
};

// getRoomBaseInfo and get_info alike; get_info knows no anchor.
struct RoomStatus {
  RoomInfo room;
  LiveStatus status = LiveStatus::idle;
  std::optional<WallTime> live_time;
  std::string live_key;  // empty when not told
};

}  // namespace live::bilibili
