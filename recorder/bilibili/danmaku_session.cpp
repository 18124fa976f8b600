// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/danmaku_session.hpp"

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "recorder/bilibili/api_client.hpp"

namespace live::bilibili {

DanmakuSession::DanmakuSession(const Executor& executor, Clock& clock, ApiClient& api,
                               net::WebSocketConnector& connector, Random random, SessionListener& listener,
                               std::int64_t room_id)
    : executor_(executor),
      clock_(clock),
      api_(api),
      connector_(connector),
      listener_(listener),
      room_id_(room_id),
      machine_(room_id, api.options().live_api.secure(), std::move(random)),
      alarm_(clock) {}

awaitable<void> DanmakuSession::run(std::stop_token stop) {
  while (true) {
    throw_if_stopped(stop);
    const SessionAction action = machine_.next(clock_.now());
    if (std::holds_alternative<FetchToken>(action)) {
      co_await fetch_token(stop);
    } else if (const auto* open = std::get_if<OpenSocket>(&action)) {
      co_await connect(open->url, stop);
    } else if (const auto* wait = std::get_if<WaitUntil>(&action)) {
      co_await alarm_.wait_until(wait->when, stop);
    }
  }
}

awaitable<void> DanmakuSession::fetch_token(std::stop_token stop) {
  renew_ = false;
  ApiResult<DanmuAccess> access = co_await api_.danmu_access(room_id_, stop);
  if (access) {
    machine_.token_arrived(*std::move(access), clock_.now());
    co_return;
  }
  std::optional<TimePoint> not_before;
  if (access.error().kind == ErrorKind::breaker_open) not_before = api_.breaker().retry_at();
  machine_.token_failed(clock_.now(), not_before);
  log::warning("no token for the danmaku socket", {{"room", room_id_}, {"error", access.error().message}});
  listener_.on_danmaku_disconnected(SessionEnd::token_failed);
}

awaitable<void> DanmakuSession::connect(net::Url url, std::stop_token stop) {
  net::WebSocketOptions options;
  options.url = url;
  options.headers = plain_headers(api_.options());
  options.max_message = max_message_bytes;
  options.proxy = api_.options().proxy;
  options.address_family = api_.options().address_family;
  std::unique_ptr<net::WebSocket> socket;
  std::string problem;
  try {
    socket = co_await connector_.connect(std::move(options), stop);
  } catch (const system_error& error) {
    problem = error.what();
  }
  if (socket) {
    log::debug("danmaku socket open", {{"room", room_id_}, {"host", url.host}});
    co_await talk(std::move(socket), stop);
    co_return;
  }
  log::warning("danmaku socket refused", {{"room", room_id_}, {"host", url.host}, {"error", problem}});
  ended(SessionEnd::connect_failed);
}

// Reads and writes until the connection is over; nothing of it is left running.
awaitable<void> DanmakuSession::talk(std::unique_ptr<net::WebSocket> socket, std::stop_token stop) {
  machine_.connected(clock_.now());
  reader_ended_ = false;
  TaskGroup reader(executor_, stop);
  reader.spawn(read_all(socket.get(), reader.token()));
  SessionEnd reason = SessionEnd::closed;
  std::exception_ptr failure;
  try {
    reason = co_await drive(socket.get(), reader.token());
  } catch (...) {
    failure = std::current_exception();
  }
  socket->abort();
  reader.request_stop();
  co_await reader.join();
  if (failure) std::rethrow_exception(failure);
  ended(reason);
}

awaitable<SessionEnd> DanmakuSession::drive(net::WebSocket* socket, std::stop_token stop) {
  while (!reader_ended_ && !renew_) {
    throw_if_stopped(stop);
    SessionAction action = machine_.next(clock_.now());
    if (auto* send = std::get_if<SendPacket>(&action)) {
      bool sent = false;
      try {
        co_await socket->write(std::move(send->packet), stop);
        sent = true;
      } catch (const system_error& error) {
        log::debug("danmaku socket write failed", {{"room", room_id_}, {"error", error.what()}});
      }
      if (!sent) co_return SessionEnd::write_failed;
    } else if (const auto* close = std::get_if<CloseSocket>(&action)) {
      co_return close->reason;
    } else if (const auto* wait = std::get_if<WaitUntil>(&action)) {
      co_await alarm_.wait_until(wait->when, stop);
    }
  }
  co_return SessionEnd::closed;
}

awaitable<void> DanmakuSession::read_all(net::WebSocket* socket, std::stop_token stop) {
  try {
    while (true) {
      const Bytes frame = co_await socket->read(stop);
      deliver(frame);
    }
  } catch (const system_error& error) {
    log::debug("danmaku socket read failed", {{"room", room_id_}, {"error", error.what()}});
  }
  reader_ended_ = true;
  alarm_.ring();
}

void DanmakuSession::deliver(ByteView frame) {
  const bool was_established = machine_.established();
  const DecodedFrame decoded = machine_.received(frame, clock_.now());
  if (!was_established) {
    alarm_.ring();  // what comes next may have changed: a heartbeat, or the end
    if (machine_.established()) listener_.on_danmaku_connected();
  }
  const Chat chat = listener_.wants_chat() ? Chat::read : Chat::skip;
  for (const Packet& packet : decoded.packets) {
    const std::string_view json = as_text(packet.body);
    const Result<Message> message = parse_message(json, chat);
    if (!message) {
      ++messages_.malformed;
      continue;
    }
    const auto* other = std::get_if<OtherMessage>(&message->content);
    ++(other && !other->known ? messages_.unknown : messages_.known);
    listener_.on_danmaku_message(*message, json);
  }
}

void DanmakuSession::renew() {
  machine_.forget_token();
  renew_ = true;
  alarm_.ring();
}

void DanmakuSession::ended(SessionEnd reason) {
  if (reason != SessionEnd::connect_failed) {
    log::info("danmaku socket ended", {{"room", room_id_}, {"reason", to_string(reason)}});
  }
  machine_.ended(reason, clock_.now());
  listener_.on_danmaku_disconnected(reason);
}

}  // namespace live::bilibili
