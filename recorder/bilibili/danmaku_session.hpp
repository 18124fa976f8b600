// SPDX-License-Identifier: Apache-2.0
// Keeps one danmaku connection up and hands its messages on.
#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/alarm.hpp"
#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/websocket.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/bilibili/session_machine.hpp"

namespace live::bilibili {

class ApiClient;

// Called on the session's thread; must not block.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  virtual void on_danmaku_connected() = 0;  // authenticated
  // After each attempt that ended, also one that never came to on_danmaku_connected.
  virtual void on_danmaku_disconnected(SessionEnd reason) = 0;
  // Whether what viewers say is to be read, now; asked before each frame.
  virtual bool wants_chat() const = 0;
  // `json`: the message as it came, valid during the call.
  virtual void on_danmaku_message(const Message& message, std::string_view json) = 0;
};

struct MessageStats {
  std::uint64_t known = 0;
  std::uint64_t unknown = 0;    // commands that nobody here has heard of
  std::uint64_t malformed = 0;  // not JSON, or a command without what it is for
};

class DanmakuSession {
 public:
  static constexpr std::size_t max_message_bytes = std::size_t{4} << 20;

  // The references must outlive run().
  DanmakuSession(const Executor& executor, Clock& clock, ApiClient& api, net::WebSocketConnector& connector,
                 Random random, SessionListener& listener, std::int64_t room_id);

  // Until stopped; then throws Stopped. `room_id` is the real one.
  awaitable<void> run(std::stop_token stop);

  void set_token_spread(Duration spread) { machine_.set_token_spread(spread); }
  // Ends the connection that stands, and begins another with a new token: calls are made as somebody else
  // now.
  void renew();

  const SessionMachine& machine() const { return machine_; }
  const MessageStats& messages() const { return messages_; }

 private:
  awaitable<void> fetch_token(std::stop_token stop);
  awaitable<void> connect(net::Url url, std::stop_token stop);
  awaitable<void> talk(std::unique_ptr<net::WebSocket> socket, std::stop_token stop);
  awaitable<SessionEnd> drive(net::WebSocket* socket, std::stop_token stop);
  awaitable<void> read_all(net::WebSocket* socket, std::stop_token stop);
  void deliver(ByteView frame);
  void ended(SessionEnd reason);

  Executor executor_;
  Clock& clock_;
  ApiClient& api_;
  net::WebSocketConnector& connector_;
  SessionListener& listener_;
  std::int64_t room_id_;
  SessionMachine machine_;
  MessageStats messages_;
  Alarm alarm_;
  bool reader_ended_ = false;
  bool renew_ = false;
};

}  // namespace live::bilibili
