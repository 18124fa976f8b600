// SPDX-License-Identifier: Apache-2.0
// Packets of the danmaku socket, from the server's side. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace live::simulator {

enum class Operation : std::uint32_t {
  heartbeat = 2,
  heartbeat_reply = 3,
  message = 5,
  auth = 7,
  auth_reply = 8
};

struct ClientPacket {
  Operation operation;
  Bytes body;
};

Bytes auth_reply(int code);
// The client's own body comes back after the packet, not counted in its length.
Bytes heartbeat_reply(std::uint32_t popularity, ByteView client_body);

// One frame with all messages. protover 3: brotli, 2: zlib, both with several packets inside one; else plain
// packets back to back. A single short message goes plain, as the site sends it.
Bytes message_frame(const std::vector<std::string>& messages, int protover);

// The packets of a client's frame; what does not fit is left out.
std::vector<ClientPacket> parse_client_frame(ByteView frame);

}  // namespace live::simulator
