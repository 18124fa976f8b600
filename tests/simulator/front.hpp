// SPDX-License-Identifier: Apache-2.0
// The public side: one listener, or one more with TLS, for interfaces, danmaku socket and streams.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "base/task_group.hpp"
#include "simulator/api.hpp"
#include "simulator/conduit.hpp"
#include "simulator/http_message.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

// Binds at once; throws system_error when it can't. `address` is "IP:PORT", port 0 for a free one.
class Listener {
 public:
  Listener(const Executor& executor, const std::string& address);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  asio::ip::tcp::acceptor& acceptor() { return acceptor_; }

 private:
  asio::ip::tcp::acceptor acceptor_;
};

class Front {
 public:
  Front(const Executor& executor, World& world, Api& api) : executor_(executor), world_(world), api_(api) {}

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

  Executor executor_;
  World& world_;
  Api& api_;
};

// Reads the next request into `request`; `raw` gets its bytes. `left` holds what came after the one before
// and what came after this one. False at the end of the connection.
awaitable<bool> read_request(Conduit& conduit, Bytes& left, Bytes& raw, Request& request);

}  // namespace live::simulator
