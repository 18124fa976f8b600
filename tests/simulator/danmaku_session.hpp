// SPDX-License-Identifier: Apache-2.0
// One client of the danmaku socket: auth, heartbeats, messages in frames.
#pragma once
#include <deque>
#include <memory>
#include <stop_token>
#include <string>

#include "base/notifier.hpp"
#include "base/task_group.hpp"
#include "simulator/conduit.hpp"
#include "simulator/http_message.hpp"
#include "simulator/packets.hpp"
#include "simulator/server_websocket.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

class DanmakuSession final : public DanmakuPeer {
 public:
  static constexpr auto auth_limit = std::chrono::seconds(5);
  static constexpr auto heartbeat_limit = std::chrono::seconds(70);
  static constexpr std::size_t max_queue = 20'000;  // messages; the oldest is dropped and counted

  DanmakuSession(World& world, Conduit& conduit, Request request);
  ~DanmakuSession() override;

  // `raw`: the request's bytes as they came. Returns when the connection has ended.
  awaitable<void> run(Bytes raw, std::stop_token stop);

  void send(std::shared_ptr<const std::string> message) override;
  void freeze() override;
  void drop(DropKind how) override;

 private:
  awaitable<void> read(std::stop_token stop);
  awaitable<void> write(std::stop_token stop);
  awaitable<void> watch(std::stop_token stop);
  awaitable<bool> take(ClientPacket packet, std::stop_token stop);
  awaitable<bool> authenticate(Bytes body, std::stop_token stop);
  void join_room(Room& room, std::int64_t uid);
  void reply(Bytes packet);
  void end(std::string why);

  World& world_;
  Conduit& conduit_;
  const Request request_;
  std::unique_ptr<ServerWebSocket> socket_;
  TaskGroup* group_ = nullptr;
  Notifier changed_;
  std::deque<std::shared_ptr<const std::string>> messages_;
  std::deque<Bytes> replies_;
  Room* room_ = nullptr;
  ConnectionRecord* record_ = nullptr;
  int protover_ = 0;
  bool frozen_ = false;
  bool close_when_written_ = false;
  TimePoint last_heard_;
  std::string end_ = "client";
};

}  // namespace live::simulator
