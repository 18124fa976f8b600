// SPDX-License-Identifier: Apache-2.0
// The public side: one listener, or one more with TLS, for interfaces, danmaku socket and streams.
#pragma once
#include <stop_token>

#include "simulator/api.hpp"
#include "simulator/conduit.hpp"
#include "simulator/http_message.hpp"
#include "simulator/listener.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

class Front {
 public:
  Front(World& world, Api& api) : world_(world), api_(api) {}

  // Serves until stopped, then closes what is open. `tls` null: plain.
  awaitable<void> run(Listener& listener, net::TlsContext tls, std::stop_token stop);

 private:
  awaitable<void> serve(asio::ip::tcp::socket socket, net::TlsContext tls, std::stop_token stop);
  awaitable<void> converse(Conduit& conduit, std::stop_token stop);
  awaitable<bool> answer(Conduit& conduit, Request request, std::stop_token stop);
  awaitable<void> danmaku(Conduit& conduit, Request request, Bytes raw, std::stop_token stop);
  awaitable<void> media(Conduit& conduit, Request request, std::stop_token stop);
  awaitable<bool> media_fault(Conduit& conduit, MediaFault fault, Request request, std::stop_token stop);
  awaitable<void> refuse(Conduit& conduit, Reply reply);

  World& world_;
  Api& api_;
};

// Reads the next request into `request`; `raw` gets its bytes. `left` holds what came after the one before
// and what came after this one. False at the end of the connection.
awaitable<bool> read_request(Conduit& conduit, Bytes& left, Bytes& raw, Request& request);

}  // namespace live::simulator
