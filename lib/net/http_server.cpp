// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <charconv>
#include <list>

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/task_group.hpp"
#include "net/connection.hpp"
#include "net/message_head.hpp"

namespace live::net {
namespace {

using asio::ip::tcp;

constexpr std::size_t max_connections = 64;
constexpr Duration request_time = std::chrono::seconds(10);  // for a head to come, rest before it included
constexpr Duration reply_time = std::chrono::seconds(10);
constexpr Duration pause_after_failed_accept = std::chrono::milliseconds(100);
constexpr std::size_t piece = 2048;

tcp::endpoint parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code failed;
  const auto address = asio::ip::make_address(host, failed);
  unsigned port = 0;
  const char* const end = text.data() + text.size();
  const char* const digits = colon == std::string::npos ? end : text.data() + colon + 1;
  const auto [stop, error] = std::from_chars(digits, end, port);
  if (failed || error != std::errc() || stop != end || port > 65535) {
    throw system_error(asio::error::invalid_argument, fmt::format("listen address {}", text));
  }
  return {address, static_cast<std::uint16_t>(port)};
}

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

ServerReply plain(int status) {
  return {status, "text/plain; charset=utf-8", fmt::format("{}\n", phrase_of(status))};
}

std::string reply_text(const ServerReply& reply, bool head_only, bool keep_alive) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", reply.status,
                                phrase_of(reply.status), reply.content_type, reply.body.size());
  if (reply.status == 405) out += "Allow: GET, HEAD\r\n";
  out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  if (!head_only) out += reply.body;
  return out;
}

// One client's connection; knows since when it waits for a request, so that the longest rest can be ended.
struct Session {
  explicit Session(TcpSocket socket) : connection(std::move(socket), "client") {}
  Connection connection;
  Bytes buffer;
  bool resting = true;
  bool evicted = false;
};

}  // namespace

struct HttpServer::Impl {
  Impl(const Executor& executor_, const std::string& address) : executor(executor_), acceptor(executor_) {
    const tcp::endpoint endpoint = parse_endpoint(address);
    try {
      acceptor.open(endpoint.protocol());
      acceptor.set_option(tcp::acceptor::reuse_address(true));
      if (endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(false));
      acceptor.bind(endpoint);
      acceptor.listen();
      port = acceptor.local_endpoint().port();
    } catch (const system_error& error) {
      throw system_error(error.code(), fmt::format("listen on {}", address));
    }
  }

  ServerReply answer(const RequestHead& request) const;
  bool make_room();
  awaitable<void> serve(std::list<Session>::iterator session, std::stop_token stop);
  awaitable<void> converse(std::list<Session>::iterator at, std::stop_token stop);
  awaitable<std::size_t> read_head(Session& session, SocketWatch& watch);
  awaitable<void> accept_all(TaskGroup& group);

  Executor executor;
  tcp::acceptor acceptor;
  std::map<std::string, ServerHandler> handlers;
  std::uint16_t port = 0;
  std::uint64_t turned_away = 0;
  std::list<Session> sessions;  // those that wait longest for a request come first
};

ServerReply HttpServer::Impl::answer(const RequestHead& request) const {
  if (request.has_body || !request.target.starts_with('/')) return plain(400);
  const std::string path = request.target.substr(0, request.target.find('?'));
  const auto found = handlers.find(path);
  if (found == handlers.end()) return plain(404);
  if (request.method != "GET" && request.method != "HEAD") return plain(405);
  try {
    return found->second();
  } catch (const std::exception& error) {
    log::error("request handler failed", {{"path", path}, {"error", error.what()}});
    return plain(500);
  }
}

// Ends the connection that waits longest for a request. False when none waits.
bool HttpServer::Impl::make_room() {
  for (Session& session : sessions) {
    if (!session.resting || session.evicted) continue;
    session.evicted = true;
    error_code ignored;
    session.connection.socket().cancel(ignored);
    return true;
  }
  return false;
}

// The length of the next head in the session's buffer; 0 when the client is gone or its head is too long.
awaitable<std::size_t> HttpServer::Impl::read_head(Session& session, SocketWatch& watch) {
  Bytes& buffer = session.buffer;
  std::size_t seen = 0;
  while (true) {
    const std::size_t end = find_head_end(buffer, seen);
    if (end > 0) co_return end;
    seen = buffer.size();
    if (seen >= max_request_head) co_return std::size_t{0};
    buffer.resize(std::min(seen + piece, max_request_head));
    const std::span<std::uint8_t> room = std::span<std::uint8_t>(buffer).subspan(seen);
    std::size_t count = 0;
    count = co_await session.connection.read_some(room, watch);
    buffer.resize(seen + count);
    if (count == 0) {
      buffer.clear();
      co_return std::size_t{0};
    }
  }
}

awaitable<void> HttpServer::Impl::converse(std::list<Session>::iterator at, std::stop_token stop) {
  Session& session = *at;
  bool keep_alive = true;
  while (keep_alive && !session.evicted) {
    std::size_t length = 0;
    {
      SocketWatch watch(session.connection.socket(), deadline_after(request_time), stop);
      length = co_await read_head(session, watch);
    }
    if (length == 0 && session.buffer.empty()) co_return;
    session.resting = false;
    ServerReply reply = plain(431);
    bool head_only = false;
    keep_alive = false;
    if (length > 0) {
      const Result<RequestHead> request = parse_request_head(ByteView(session.buffer).first(length));
      session.buffer.erase(session.buffer.begin(),
                           session.buffer.begin() + static_cast<std::ptrdiff_t>(length));
      reply = request ? answer(*request) : plain(400);
      head_only = request && request->method == "HEAD";
      keep_alive = request && request->keep_alive && reply.status != 400;
    }
    const std::string text = reply_text(reply, head_only, keep_alive);
    SocketWatch watch(session.connection.socket(), deadline_after(reply_time), stop);
    co_await session.connection.write_all(text, watch);
    session.resting = true;
    sessions.splice(sessions.end(), sessions, at);
    co_await session.connection.yield_if_busy();
  }
}

awaitable<void> HttpServer::Impl::serve(std::list<Session>::iterator session, std::stop_token stop) {
  try {
    co_await converse(session, stop);
  } catch (const system_error&) {
    // The client's connection is its own affair: gone, slow or evicted.
  } catch (const Stopped&) {
  }
  sessions.erase(session);
}

awaitable<void> HttpServer::Impl::accept_all(TaskGroup& group) {
  const std::stop_token stop = group.token();
  std::stop_callback on_stop(stop, [this] {
    error_code ignored;
    acceptor.close(ignored);
  });
  SystemClock clock;
  while (!stop.stop_requested()) {
    TcpSocket socket(executor);
    error_code failed;
    co_await acceptor.async_accept(socket, asio::redirect_error(use_awaitable, failed));
    if (stop.stop_requested()) co_return;
    if (failed) {
      log::warning("accept failed", {{"error", failed.message()}});
      (void)co_await clock.sleep_for(pause_after_failed_accept, stop);
      continue;
    }
    if (sessions.size() >= max_connections) {
      ++turned_away;
      if (!make_room()) continue;
    }
    sessions.emplace_back(std::move(socket));
    group.spawn(serve(std::prev(sessions.end()), stop));
  }
}

HttpServer::HttpServer(const Executor& executor, const std::string& address)
    : impl_(std::make_unique<Impl>(executor, address)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->port; }

std::uint64_t HttpServer::turned_away() const { return impl_->turned_away; }

void HttpServer::handle(std::string path, ServerHandler handler) {
  impl_->handlers[std::move(path)] = std::move(handler);
}

awaitable<void> HttpServer::run(std::stop_token stop) {
  TaskGroup group(impl_->executor, stop);
  std::exception_ptr error;
  try {
    co_await impl_->accept_all(group);
  } catch (...) {
    error = std::current_exception();
  }
  group.request_stop();
  co_await group.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace live::net
