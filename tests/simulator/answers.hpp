// SPDX-License-Identifier: Apache-2.0
// Bodies of the HTTP interfaces, from the state of a room. Pure; the shapes are those of captured answers.
#pragma once
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "simulator/room.hpp"
#include "simulator/wbi.hpp"

namespace live::simulator {

// A host as clients reach it.
struct PublicHost {
  std::string name;
  int http_port = 0;  // 0: not served
  int https_port = 0;
};

struct PlayRequest {
  int quality = 150;  // what the site takes when there is none in the query
  bool flv = true;    // protocol 0, format 0 and codec 0 wanted
  bool fmp4 = true;   // protocol 1, format 2 and codec 0
  bool logged_in = false;
};

// {"code", "message", "ttl", "data"}, as the newer interfaces answer.
Json envelope(int code, const std::string& message, Json data);
Json risk_control(const std::string& voucher);
Json room_init_answer(const RoomState* room, TimePoint now);  // nullptr: no such room
Json get_info_answer(const RoomState* room, TimePoint now);
Json info_by_room_answer(const RoomState* room, TimePoint now);
Json base_info_answer(const std::vector<const RoomState*>& rooms, TimePoint now);
Json anchor_answer(const RoomState* room);
Json nav_answer(const WbiKeys& keys, bool logged_in, std::int64_t account);
Json spi_answer(const std::string& buvid3, const std::string& buvid4);
Json danmu_info_answer(const std::string& token, const std::vector<PublicHost>& hosts);

// `secure`: https addresses. `wall` is the server's clock, from which URLs expire.
Json play_info_answer(const RoomState* room, const PlayRequest& request, const std::vector<PublicHost>& hosts,
                      bool secure, const std::string& secret, WallTime wall, TimePoint now);

// What a request for `wanted` gets: itself where the room has it, else the next lower one, else the lowest.
int granted_quality(const RoomInfo& info, int wanted, bool logged_in);

}  // namespace live::simulator
