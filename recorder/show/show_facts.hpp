// SPDX-License-Identifier: Apache-2.0
// What a recording's files say about the room and the show. Pure.
#pragma once
#include <string>

#include "base/clock.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/room_info.hpp"
#include "recorder/bilibili/room_monitor.hpp"
#include "recorder/flv/amf.hpp"
#include "recorder/storage/file_name.hpp"

namespace live::recorder {

struct ShowFacts {
  bilibili::RoomInfo room;
  bilibili::Show show;
  std::string session;  // one id for all parts of a recording, also across restarts
  int part = 1;         // of the next file
  std::string quality;  // as the service calls it
};

storage::FileNameFields file_name_fields(const ShowFacts& facts, WallTime opened);

// Keys for the script tag of a file.
std::vector<flv::amf::Property> script_metadata(const ShowFacts& facts, WallTime opened);

}  // namespace live::recorder
