// SPDX-License-Identifier: Apache-2.0
#include "simulator/front.hpp"

#include "simulator/danmaku_session.hpp"
#include "simulator/media_session.hpp"
#include "simulator/media_target.hpp"

namespace live::simulator {
namespace {

constexpr auto keep_alive_limit = std::chrono::seconds(75);
constexpr auto handshake_limit = std::chrono::seconds(10);

}  // namespace

awaitable<void> Front::run(Listener& listener, net::TlsContext tls, std::stop_token stop) {
  const Listener::Serve each = [this, tls](asio::ip::tcp::socket socket, std::stop_token token) {
    return serve(std::move(socket), tls, token);
  };
  co_await listener.run(each, world_.clock, stop);
}

awaitable<void> Front::serve(asio::ip::tcp::socket socket, net::TlsContext tls, std::stop_token stop) {
  Conduit conduit(std::move(socket), std::move(tls));
  std::stop_callback on_stop(stop, [&conduit] { conduit.cut(); });
  const bool ready = co_await conduit.handshake(handshake_limit);
  if (ready) {
    co_await converse(conduit, stop);
  }
}

awaitable<bool> read_request(Conduit& conduit, Bytes& left, Bytes& raw, Request& request) {
  RequestReader reader;
  raw.clear();
  std::uint8_t buffer[16 * 1024];
  while (true) {
    std::size_t used = 0;
    const auto state = left.empty() ? RequestReader::State::more : reader.feed(left, used);
    raw.insert(raw.end(), left.begin(), left.begin() + static_cast<std::ptrdiff_t>(used));
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(used));
    if (state == RequestReader::State::broken) co_return false;
    if (state == RequestReader::State::whole) {
      request = reader.request();
      request.peer = conduit.peer();
      request.tls = conduit.tls();
      co_return true;
    }
    const std::size_t count = co_await conduit.read_some(buffer, keep_alive_limit);
    if (count == 0) co_return false;
    left.insert(left.end(), buffer, buffer + count);
  }
}

awaitable<void> Front::converse(Conduit& conduit, std::stop_token stop) {
  Bytes left, raw;
  bool go_on = true;
  while (go_on && !stop.stop_requested()) {
    Request request;
    go_on = co_await read_request(conduit, left, raw, request);
    if (!go_on) break;
    if (request.upgrade && request.path == "/sub") {
      raw.insert(raw.end(), left.begin(), left.end());
      co_await danmaku(conduit, std::move(request), std::move(raw), stop);
      co_return;
    }
    if (is_media_path(request.path) && !is_hls_path(request.path)) {
      co_await media(conduit, std::move(request), stop);
      co_return;
    }
    go_on = co_await answer(conduit, std::move(request), stop);
  }
}

// False when the connection ends with this reply.
awaitable<bool> Front::answer(Conduit& conduit, Request request, std::stop_token stop) {
  const bool keep_alive = request.keep_alive;
  const bool hls = is_hls_path(request.path);
  const Reply reply = hls ? hls_reply(world_, request) : api_.answer(request);
  if (reply.delay.count() > 0) {
    co_await world_.clock.sleep_for(reply.delay, stop);
  }
  if (reply.drop) {
    conduit.reset();
    co_return false;
  }
  const std::string text = render(reply, keep_alive);
  const std::size_t written = co_await conduit.write(as_bytes(text));
  if (written < text.size()) co_return false;
  if (!keep_alive) {
    co_await conduit.finish();
  }
  co_return keep_alive;
}

awaitable<void> Front::refuse(Conduit& conduit, Reply reply) {
  const std::string text = render(reply, false);
  co_await conduit.write(as_bytes(text));
  co_await conduit.finish();
}

awaitable<void> Front::danmaku(Conduit& conduit, Request request, Bytes raw, std::stop_token stop) {
  // The upgrade does not say which room it is for: the first refusal that waits anywhere is used.
  const auto refusal = [](const DanmakuFault& f) { return f.refuse.has_value(); };
  auto fault = world_.faults.danmaku.take(refusal);
  for (Room* room : world_.rooms())
    if (!fault) fault = room->state.faults.danmaku.take(refusal);
  if (fault) {
    Reply reply;
    reply.status = static_cast<int>(*fault->refuse);
    co_await refuse(conduit, std::move(reply));
    co_return;
  }
  DanmakuSession session(world_, conduit, std::move(request));
  co_await session.run(std::move(raw), stop);
}

// True when the stream may open nevertheless.
awaitable<bool> Front::media_fault(Conduit& conduit, MediaFault fault, Request request,
                                   std::stop_token stop) {
  if (fault.delay.count() > 0) {
    co_await world_.clock.sleep_for(fault.delay, stop);
  }
  if (fault.reset) {
    conduit.reset();
    co_return false;
  }
  if (fault.hang) {
    std::uint8_t ignored[64];
    std::size_t count = 1;
    while (count > 0 && !stop.stop_requested()) {
      count = co_await conduit.read_some(ignored, std::chrono::hours(24));
    }
    co_return false;
  }
  Reply reply;
  reply.content_type = "text/html; charset=utf-8";
  if (fault.html) {
    reply.body = "<!DOCTYPE html><html><body>This is no stream.</body></html>\n";
  } else if (fault.redirect) {
    reply.status = 302;
    reply.headers.emplace_back("Location", redirected_target(request.target));
  } else if (fault.status) {
    reply.status = static_cast<int>(*fault.status);
  } else {
    co_return true;
  }
  co_await refuse(conduit, std::move(reply));
  co_return false;
}

awaitable<void> Front::media(Conduit& conduit, Request request, std::stop_token stop) {
  MediaTarget target = find_media(world_, request);
  if (target.fault) {
    const bool open = co_await media_fault(conduit, *target.fault, request, stop);
    if (!open) co_return;
    // Time may have passed.
    target.status = media_status(world_, request);
  }
  if (target.status != 200) {
    Reply reply;
    reply.status = target.status;
    reply.content_type = "text/plain";
    co_await refuse(conduit, std::move(reply));
    co_return;
  }
  MediaSession session(world_, *target.room, conduit, std::move(request), target.options);
  co_await session.run(stop);
}

}  // namespace live::simulator
