// SPDX-License-Identifier: Apache-2.0
// A listening address whose connections are each served by a coroutine.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"

namespace live::simulator {

class Listener {
 public:
  using Serve = std::function<awaitable<void>(asio::ip::tcp::socket, std::stop_token)>;

  // Binds at once; throws system_error when it can't. `address` is "IP:PORT", port 0 for a free one.
  Listener(const Executor& executor, const std::string& address);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // Until stopped; then waits for those that are being served, who have the same token. An exception of one
  // of them is logged and ends nobody else.
  awaitable<void> run(Serve serve, Clock& clock, std::stop_token stop);

 private:
  static awaitable<void> serve_one(const Serve& serve, asio::ip::tcp::socket socket, std::stop_token stop);

  Executor executor_;
  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace live::simulator
