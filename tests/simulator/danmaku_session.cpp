// SPDX-License-Identifier: Apache-2.0
#include "simulator/danmaku_session.hpp"

#include "base/json.hpp"
#include "simulator/messages.hpp"

namespace live::simulator {

DanmakuSession::DanmakuSession(World& world, Conduit& conduit, Request request)
    : world_(world),
      conduit_(conduit),
      request_(std::move(request)),
      socket_(make_server_websocket(conduit)),
      changed_(conduit.executor()) {}

DanmakuSession::~DanmakuSession() {
  if (room_) room_->danmaku.erase(this);
  if (record_) world_.connections.close(record_->id, end_, to_ms(world_.wall_now()));
}

awaitable<void> DanmakuSession::run(Bytes raw, std::stop_token stop) {
  const bool accepted = co_await socket_->accept(std::move(raw));
  if (!accepted) co_return;
  last_heard_ = world_.now();
  TaskGroup group(conduit_.executor(), stop);
  group_ = &group;
  // Whatever ends the session ends its reads and writes too.
  const std::stop_token token = group.token();
  std::stop_callback on_stop(token, [this] { conduit_.cut(); });
  group.spawn(read(token));
  group.spawn(write(token));
  group.spawn(watch(token));
  co_await group.join();
  group_ = nullptr;
}

void DanmakuSession::end(std::string why) {
  if (!group_ || group_->token().stop_requested()) return;
  end_ = std::move(why);
  group_->request_stop();
}

void DanmakuSession::send(std::shared_ptr<const std::string> message) {
  if (frozen_) return;
  messages_.push_back(std::move(message));
  if (messages_.size() > max_queue) {
    messages_.pop_front();
    ++record_->dropped;
  }
  changed_.notify();
}

void DanmakuSession::reply(Bytes packet) {
  replies_.push_back(std::move(packet));
  changed_.notify();
}

void DanmakuSession::freeze() { frozen_ = true; }

void DanmakuSession::drop(DropKind how) {
  if (how == DropKind::close) {
    close_when_written_ = true;
    changed_.notify();
    return;
  }
  if (how == DropKind::reset) conduit_.reset();
  end(how == DropKind::reset ? "reset" : "cut");
}

awaitable<void> DanmakuSession::read(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Bytes frame = co_await socket_->read();
    if (frame.empty()) break;
    if (record_) record_->bytes += frame.size();
    std::vector<ClientPacket> packets = parse_client_frame(frame);
    for (ClientPacket& packet : packets) {
      if (frozen_) break;
      const bool go_on = co_await take(std::move(packet), stop);
      if (!go_on) co_return;
    }
  }
  end("client");
}

// False when the session ends, or when nothing more is to be read before what waits is written.
awaitable<bool> DanmakuSession::take(ClientPacket packet, std::stop_token stop) {
  if (!room_) {
    if (packet.operation != Operation::auth) {
      end("no auth first");
      co_return false;
    }
    const bool authenticated = co_await authenticate(std::move(packet.body), stop);
    co_return authenticated;
  }
  last_heard_ = world_.now();
  if (packet.operation == Operation::heartbeat) {
    ++record_->heartbeats;
    reply(heartbeat_reply(1, packet.body));
  }
  co_return true;
}

awaitable<bool> DanmakuSession::authenticate(Bytes body, std::stop_token stop) {
  const Json auth = parse_json(as_text(body));
  const std::int64_t room_id = json_int(json_at(auth, "/roomid")).value_or(0);
  const std::int64_t uid = json_int(json_at(auth, "/uid")).value_or(0);
  const std::string key = json_string(json_at(auth, "/key")).value_or("");
  Room* room = world_.find_room(room_id);
  if (!room) {
    end("unknown room");
    co_return false;
  }
  const auto after_upgrade = [](const DanmakuFault& f) { return !f.refuse; };
  auto fault = room->state.faults.danmaku.take(after_upgrade);
  if (!fault) fault = world_.faults.danmaku.take(after_upgrade);
  if (fault && fault->delay.count() > 0) {
    co_await world_.clock.sleep_for(fault->delay, stop);
  }
  if (fault && fault->silent) freeze();
  if (fault && fault->close) {
    end("closed by a fault");
    co_return false;
  }
  const bool refused = fault && fault->auth_code;
  if (refused || !world_.tokens.valid(key, room_id, uid)) {
    reply(auth_reply(refused ? static_cast<int>(*fault->auth_code) : -101));
    end_ = "auth refused";
    close_when_written_ = true;
    co_return false;
  }
  protover_ = static_cast<int>(json_int(json_at(auth, "/protover")).value_or(0));
  last_heard_ = world_.now();
  if (!frozen_) reply(auth_reply(0));
  join_room(*room, uid);
  co_return true;
}

void DanmakuSession::join_room(Room& room, std::int64_t uid) {
  ConnectionRecord record;
  record.kind = ConnectionKind::danmaku;
  record.room_id = room.state.info.id;
  record.peer = request_.peer;
  record.host = clip(request_.header("Host"));
  record.user_agent = clip(request_.header("User-Agent"));
  record.tls = request_.tls;
  record.cookie = !request_.header("Cookie").empty();
  record.uid = uid;
  record.opened_ms = to_ms(world_.wall_now());
  record_ = &world_.connections.open(std::move(record));
  room_ = &room;
  room.danmaku.insert(this);
  if (uid == 0) send(std::make_shared<const std::string>(log_in_notice()));
  world_.report(Event::danmaku_connected, room);
}

awaitable<void> DanmakuSession::write(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (frozen_ || (replies_.empty() && messages_.empty() && !close_when_written_)) {
      co_await changed_.wait(stop);
      continue;
    }
    Bytes frame;
    std::size_t count = 0;
    if (!replies_.empty()) {
      frame = std::move(replies_.front());
      replies_.pop_front();
    } else if (!messages_.empty()) {
      constexpr std::size_t most_in_a_frame = 200;
      std::vector<std::string> batch;
      while (!messages_.empty() && batch.size() < most_in_a_frame) {
        batch.push_back(*messages_.front());
        messages_.pop_front();
      }
      count = batch.size();
      frame = message_frame(batch, protover_);
    } else {
      break;
    }
    const bool written = co_await socket_->write(std::move(frame));
    if (!written) break;
    if (record_) record_->messages += count;
  }
  if (close_when_written_ && !stop.stop_requested()) {
    co_await socket_->close();
    end(end_ == "client" ? "closed" : end_);
  }
  end("client");
}

awaitable<void> DanmakuSession::watch(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const TimePoint due = last_heard_ + (room_ ? Duration(heartbeat_limit) : Duration(auth_limit));
    if (world_.now() >= due && !frozen_) {
      end(room_ ? "no heartbeat" : "no auth");
      break;
    }
    const TimePoint next = frozen_ ? world_.now() + heartbeat_limit : due;
    co_await world_.clock.sleep_until(next, stop);
  }
}

}  // namespace live::simulator
