// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_websocket.hpp"

#include <boost/asio/error.hpp>

#include "base/stop.hpp"

namespace live::test {
namespace {

class ScriptedSocket final : public net::WebSocket {
 public:
  ScriptedSocket(std::shared_ptr<SocketPeer> peer, ScriptedSockets& owner)
      : peer_(std::move(peer)), owner_(owner) {}
  ~ScriptedSocket() override { peer_->close(); }

  awaitable<Bytes> read(std::stop_token stop) override {
    while (true) {
      throw_if_stopped(stop);
      if (!peer_->inbox.empty()) break;
      if (peer_->closed) throw system_error(asio::error::eof);
      co_await peer_->changed.wait(stop);
    }
    Bytes message = std::move(peer_->inbox.front());
    peer_->inbox.pop_front();
    co_return std::move(message);
  }

  awaitable<void> write(Bytes message, std::stop_token stop) override {
    throw_if_stopped(stop);
    if (peer_->closed || peer_->deaf) throw system_error(asio::error::broken_pipe);
    peer_->sent.push_back(message);
    if (owner_.on_message) owner_.on_message(*peer_, message);
    co_return;
  }

  void abort() override { peer_->close(); }

 private:
  std::shared_ptr<SocketPeer> peer_;
  ScriptedSockets& owner_;
};

}  // namespace

awaitable<std::unique_ptr<net::WebSocket>> ScriptedSockets::connect(net::WebSocketOptions options,
                                                                    std::stop_token stop) {
  throw_if_stopped(stop);
  attempts.push_back(options.url);
  if (!accepts(options.url)) throw system_error(asio::error::connection_refused);
  peers.push_back(std::make_shared<SocketPeer>(executor_, std::move(options)));
  std::unique_ptr<net::WebSocket> socket = std::make_unique<ScriptedSocket>(peers.back(), *this);
  co_return std::move(socket);
}

}  // namespace live::test
