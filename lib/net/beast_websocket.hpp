// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "net/tls.hpp"
#include "net/websocket.hpp"

namespace live::net {

// ws and wss, without permessage-deflate (Bilibili's frames are compressed by themselves).
class BeastWebSocketConnector final : public WebSocketConnector {
 public:
  BeastWebSocketConnector(const Executor& executor, TlsContext tls)
      : executor_(executor), tls_(std::move(tls)) {}
  awaitable<std::unique_ptr<WebSocket>> connect(WebSocketOptions options, std::stop_token stop) override;

 private:
  Executor executor_;
  TlsContext tls_;
};

}  // namespace live::net
