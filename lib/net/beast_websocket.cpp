// SPDX-License-Identifier: Apache-2.0
#include "net/beast_websocket.hpp"

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/stop.hpp"
#include "net/connection_stream.hpp"
#include "net/dial.hpp"
#include "net/errors.hpp"
#include "net/message_head.hpp"

namespace live::net {

// What Beast asks of a stream that isn't its own; found by argument-dependent lookup.
static void beast_close_socket(ConnectionStream& stream) { stream.connection().close(); }

template <class Handler>
static void async_teardown(boost::beast::role_type, ConnectionStream& stream, Handler&& handler) {
  stream.connection().close();
  asio::post(stream.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

namespace {

namespace websocket = boost::beast::websocket;

constexpr std::size_t write_buffer = 4096;  // what we send is small; the default keeps 4 KiB too, said here

using Stream = websocket::stream<ConnectionStream, false>;  // false: no permessage-deflate compiled in

error_code public_code(error_code failed) {
  if (failed == websocket::error::message_too_big || failed == websocket::error::buffer_overflow) {
    return NetError::body_too_large;
  }
  return failed;
}

class BeastWebSocket final : public WebSocket {
 public:
  BeastWebSocket(std::unique_ptr<Connection> connection, Duration idle)
      : stream_(std::move(connection)), idle_(idle) {}

  awaitable<void> upgrade(const WebSocketOptions& options, SocketWatch& watch) {
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(write_buffer);
    stream_.read_message_max(options.max_message);
    const auto decorate = [headers = options.headers](websocket::request_type& request) {
      for (const auto& [name, value] : headers) request.set(name, value);
    };
    stream_.set_option(websocket::stream_base::decorator(decorate));
    websocket::response_type response;
    const std::string host = options.url.authority();
    error_code failed;
    co_await stream_.async_handshake(response, host, options.url.target,
                                     asio::redirect_error(use_awaitable, failed));
    watch.check(failed, fmt::format("upgrade at {}: status {}", connection().what(), response.result_int()));
  }

  awaitable<Bytes> read(std::stop_token stop) override {
    SocketWatch watch(connection().socket(), deadline_after(idle_), stop, SocketWatch::At::end_close);
    watch.check(connection().what());
    Bytes message;
    auto buffer = asio::dynamic_buffer(message);
    error_code failed;
    co_await stream_.async_read(buffer, asio::redirect_error(use_awaitable, failed));
    if (failed) abort();
    watch.check(public_code(failed), connection().what());
    co_return std::move(message);
  }

  awaitable<void> write(Bytes message, std::stop_token stop) override {
    SocketWatch watch(connection().socket(), deadline_after(idle_), stop, SocketWatch::At::end_close);
    watch.check(connection().what());
    error_code failed;
    co_await stream_.async_write(asio::buffer(message), asio::redirect_error(use_awaitable, failed));
    if (failed) abort();
    watch.check(public_code(failed), connection().what());
  }

  void abort() override { connection().close(); }

 private:
  Connection& connection() { return stream_.next_layer().connection(); }

  Stream stream_;
  Duration idle_;
};

// The head of the upgrade is Beast's; what goes into it is checked as for any other request.
void check_upgrade(const WebSocketOptions& options) {
  HttpRequest request;
  request.url = options.url;
  request.headers = options.headers;
  check_head(request);
}

}  // namespace

awaitable<std::unique_ptr<WebSocket>> BeastWebSocketConnector::connect(WebSocketOptions options,
                                                                       std::stop_token stop) {
  check_upgrade(options);
  const TimePoint deadline = deadline_after(options.connect_timeout);
  DialOptions dialled;
  dialled.url = options.url;
  dialled.tls = tls_;
  dialled.proxy = options.proxy;
  dialled.address_family = options.address_family;
  std::unique_ptr<Connection> connection = co_await dial(executor_, std::move(dialled), deadline, stop);
  TcpSocket& socket = connection->socket();
  auto upgraded = std::make_unique<BeastWebSocket>(std::move(connection), options.idle);
  SocketWatch watch(socket, deadline, stop, SocketWatch::At::end_close);
  co_await upgraded->upgrade(options, watch);
  co_return std::unique_ptr<WebSocket>(std::move(upgraded));
}

}  // namespace live::net
