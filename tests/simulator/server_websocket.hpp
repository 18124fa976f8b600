// SPDX-License-Identifier: Apache-2.0
// The server's end of a WebSocket over a Conduit whose request was read already.
#pragma once
#include <memory>

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "simulator/conduit.hpp"

namespace live::simulator {

class ServerWebSocket {
 public:
  virtual ~ServerWebSocket() = default;
  // False when the upgrade is not one. `request`: the raw bytes read so far.
  virtual awaitable<bool> accept(Bytes request) = 0;
  // Empty at the end of the connection. One reader and one writer at a time.
  virtual awaitable<Bytes> read() = 0;
  virtual awaitable<bool> write(Bytes message) = 0;
  // With a close frame.
  virtual awaitable<void> close() = 0;
};

std::unique_ptr<ServerWebSocket> make_server_websocket(Conduit& conduit);

}  // namespace live::simulator
