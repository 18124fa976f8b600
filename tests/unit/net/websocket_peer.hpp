// SPDX-License-Identifier: Apache-2.0
// The server's side of a WebSocket for scripts, frame by frame, so that it can also do what a server must
// not.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/scripted_server.hpp"

namespace live::net {

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode;
  bool final;
  std::string payload;
};

class WebSocketPeer {
 public:
  explicit WebSocketPeer(test::Peer& peer) : peer_(peer) {}

  // Answers the upgrade and gives the request's head.
  std::string accept();
  // Unmasked; a frame without a mask, which clients must not send, ends the script.
  Frame read();
  void send(Opcode opcode, std::string_view payload, bool final = true);

 private:
  test::Peer& peer_;
};

}  // namespace live::net
