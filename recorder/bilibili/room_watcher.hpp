// SPDX-License-Identifier: Apache-2.0
// Watches one room: polls, danmaku socket and monitor together.
#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "recorder/bilibili/danmaku_session.hpp"
#include "recorder/bilibili/room_monitor.hpp"
#include "recorder/bilibili/stream_finder.hpp"

namespace live::bilibili {

// Called on the watcher's thread, also from within observed(), media() and set(); must not block and must not
// end the watcher.
class RoomListener {
 public:
  virtual ~RoomListener() = default;
  // The level state changed: whatever there is to do follows from it alone.
  virtual void on_room(const RoomView& view) = 0;
  // A LIVE came: try the stream now, without waiting for a retry. Comes after on_room.
  virtual void on_live_push() = 0;
  // Whether on_message is to have what viewers say (Danmaku) or only that they said something (UnreadChat).
  virtual bool wants_chat() const = 0;
  // Each message of the socket, the state messages too. `json`: as it came, valid during the call.
  virtual void on_message(const Message& message, std::string_view json) = 0;
};

struct PollStats {
  std::uint64_t polls = 0;
  std::uint64_t failed = 0;
};

class RoomWatcher {
 public:
  // `room_id`: short or real. The references must outlive the watcher; it takes the API client's
  // on_breaker_changed for itself.
  RoomWatcher(const Executor& executor, Clock& clock, ApiClient& api, net::WebSocketConnector& connector,
              std::int64_t room_id, MonitorSettings settings, Random random, RoomListener& listener);
  ~RoomWatcher();

  // Until stopped; then throws Stopped.
  awaitable<void> run(std::stop_token stop);

  const RoomView& view() const;
  const PollStats& polls() const;
  // Null until the real room number is known.
  const DanmakuSession* session() const;

  void set(MonitorSettings settings);
  // From whoever records: what find_stream gave, and whether media comes in.
  void observed(const FoundStream& found);
  void media(bool flowing);
  // A person asks: look at once.
  void recheck();
  // Calls are made with another cookie: look at once, and connect the danmaku socket anew, as that account.
  void identity_changed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::bilibili
