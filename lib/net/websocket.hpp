// SPDX-License-Identifier: Apache-2.0
// WebSocket client connections, binary messages only.
#pragma once
#include <memory>

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "net/address_family.hpp"
#include "net/http.hpp"

namespace live::net {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // The next message, whole. Throws system_error at the end of the connection, when nothing came for the idle
  // time or when a message exceeds the limit; Stopped when stopped. One reader and one writer at a time.
  // After any of these the connection is over.
  virtual awaitable<Bytes> read(std::stop_token stop) = 0;
  virtual awaitable<void> write(Bytes message, std::stop_token stop) = 0;
  // Ends the connection at once; pending reads and writes fail.
  virtual void abort() = 0;
};

struct WebSocketOptions {
  Url url = {};  // ws or wss
  Headers headers = {};
  Duration connect_timeout = std::chrono::seconds(10);  // resolve, connect, TLS and upgrade together
  Duration idle = std::chrono::seconds(70);             // silence after which the peer counts as gone
  std::size_t max_message = std::size_t{4} << 20;
  std::optional<Url> proxy = {};  // http:// with CONNECT
  AddressFamily address_family = AddressFamily::any;
};

class WebSocketConnector {
 public:
  virtual ~WebSocketConnector() = default;
  virtual awaitable<std::unique_ptr<WebSocket>> connect(WebSocketOptions options, std::stop_token stop) = 0;
};

}  // namespace live::net
