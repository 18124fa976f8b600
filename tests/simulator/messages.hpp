// SPDX-License-Identifier: Apache-2.0
// JSON messages of the danmaku socket. Pure; the shapes are those of captured messages.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "simulator/room.hpp"

namespace live::simulator {

struct Chat {
  std::int64_t uid = 0;
  std::string name;
  std::string text;
  std::uint64_t id = 0;
};

// `first`: the one sent when start is pressed, with live_time; repeats at each push have none.
std::string live_message(const RoomInfo& info, const Show& show, bool first);
std::string preparing_message(const RoomInfo& info, bool rotation, WallTime now);
std::string room_change_message(const RoomInfo& info, const Show* show);
std::string chat_message(const Chat& chat, WallTime now);
std::string warning_message(const RoomInfo& info, const std::string& text);
std::string cut_off_message(const RoomInfo& info, const std::string& text);
std::string log_in_notice();

}  // namespace live::simulator
