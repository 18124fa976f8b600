// SPDX-License-Identifier: Apache-2.0
// Which stream a request asks for and whether it may have it. No I/O.
#pragma once
#include <optional>
#include <string>

#include "simulator/http_message.hpp"
#include "simulator/media_session.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

struct MediaTarget {
  int status = 404;  // 200, 403 (signature, expiry), 404 (no such room, nothing pushed)
  Room* room = nullptr;
  MediaOptions options;
  std::optional<MediaFault> fault;  // of this connection; taken from the room's
};

// /live-bvc/...: signed addresses as getRoomPlayInfo gives them; /redirected/...: where a redirect fault
// points; /direct/ROOM.flv?pace=N&bytes=N: for measurements, without a signature.
bool is_media_path(const std::string& path);
std::string redirected_target(const std::string& target);

// Playlists, with a signature as above, and what they name, without one. Answered at once, on a connection
// that stays.
bool is_hls_path(const std::string& path);
Reply hls_reply(World& world, const Request& request);

MediaTarget find_media(World& world, const Request& request);
int media_status(World& world, const Request& request);

}  // namespace live::simulator
