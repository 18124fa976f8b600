// SPDX-License-Identifier: Apache-2.0
// WebSocket connections whose other end is the test.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/notifier.hpp"
#include "net/websocket.hpp"

namespace live::test {

// The server's end of one connection.
class SocketPeer {
 public:
  SocketPeer(const Executor& executor, net::WebSocketOptions connect_options)
      : options(std::move(connect_options)), changed(executor) {}

  void push(Bytes message) {
    inbox.push_back(std::move(message));
    changed.notify();
  }
  void close() {
    closed = true;
    changed.notify();
  }

  net::WebSocketOptions options;
  std::vector<Bytes> sent;  // by the client
  bool closed = false;      // by either end
  bool deaf = false;        // writes fail
  std::deque<Bytes> inbox;
  Notifier changed;
};

class ScriptedSockets final : public net::WebSocketConnector {
 public:
  explicit ScriptedSockets(const Executor& executor) : executor_(executor) {}

  // Called for each message that a client sends, after it was noted in `sent`.
  std::function<void(SocketPeer&, const Bytes&)> on_message;
  // Whether a connection to this address comes about.
  std::function<bool(const net::Url&)> accepts = [](const net::Url&) { return true; };

  std::vector<net::Url> attempts;
  std::vector<std::shared_ptr<SocketPeer>> peers;  // of the connections that came about, in order

  awaitable<std::unique_ptr<net::WebSocket>> connect(net::WebSocketOptions options,
                                                     std::stop_token stop) override;

 private:
  Executor executor_;
};

}  // namespace live::test
