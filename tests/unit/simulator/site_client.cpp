// SPDX-License-Identifier: Apache-2.0
#include "site_client.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include "net/content_coding.hpp"
#include "simulator/text.hpp"

namespace live::simulator::test {
namespace {

using tcp = asio::ip::tcp;

tcp::endpoint local(int port) { return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)}; }

struct Received {
  std::string head, body;
  bool whole = false;
};

Received take_apart(const std::string& text) {
  Received received;
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string::npos) return received;
  received.head = text.substr(0, end);
  std::string_view rest = std::string_view(text).substr(end + 4);
  if (received.head.find("chunked") == std::string::npos) {
    received.body = rest;
    return received;
  }
  while (true) {
    const std::size_t line = rest.find("\r\n");
    if (line == std::string_view::npos) return received;
    const std::size_t size = std::stoul(std::string(rest.substr(0, line)), nullptr, 16);
    rest.remove_prefix(line + 2);
    if (size == 0) {
      received.whole = true;
      return received;
    }
    received.body += rest.substr(0, size);
    rest.remove_prefix(std::min(rest.size(), size + 2));
  }
}

int status_of(const std::string& head) {
  return head.size() > 12 ? static_cast<int>(to_int(head.substr(9, 3)).value_or(0)) : 0;
}

}  // namespace

awaitable<HttpAnswer> call(int port, std::string method, std::string target, std::string body,
                           std::string headers) {
  std::string request = fmt::format(
      "{} {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n{}", method,
      target, port, body.size(), headers, body);
  const std::string text = co_await exchange(port, std::move(request));
  Received received = take_apart(text);
  HttpAnswer answer;
  answer.head = std::move(received.head);
  answer.body = std::move(received.body);
  answer.status = status_of(answer.head);
  co_return answer;
}

awaitable<std::string> exchange(int port, std::string text) {
  const Executor executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  const tcp::endpoint server = local(port);
  std::string reply;
  error_code error;
  co_await socket.async_connect(server, asio::redirect_error(use_awaitable, error));
  if (error) co_return reply;
  co_await asio::async_write(socket, asio::buffer(text), asio::redirect_error(use_awaitable, error));
  char buffer[16384];
  while (!error) {
    const std::size_t count =
        co_await socket.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    reply.append(buffer, count);
  }
  co_return reply;
}

struct StreamClient::Impl {
  std::unique_ptr<tcp::socket> socket;
  std::string text;
  error_code error;
};

StreamClient::StreamClient() : impl_(std::make_shared<Impl>()) {}
StreamClient::~StreamClient() { close(); }

awaitable<int> StreamClient::open(int port, std::string target) {
  const Executor executor = co_await asio::this_coro::executor;
  impl_->socket = std::make_unique<tcp::socket>(executor);
  const tcp::endpoint server = local(port);
  co_await impl_->socket->async_connect(server, use_awaitable);
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", target, port);
  co_await asio::async_write(*impl_->socket, asio::buffer(request), use_awaitable);
  char buffer[4096];
  while (!impl_->error && impl_->text.find("\r\n\r\n") == std::string::npos) {
    const std::size_t count = co_await impl_->socket->async_read_some(
        asio::buffer(buffer), asio::redirect_error(use_awaitable, impl_->error));
    impl_->text.append(buffer, count);
  }
  co_return status_of(impl_->text);
}

awaitable<void> StreamClient::read_all() {
  const std::shared_ptr<Impl> impl = impl_;
  char buffer[16384];
  while (!impl->error) {
    const std::size_t count = co_await impl->socket->async_read_some(
        asio::buffer(buffer), asio::redirect_error(use_awaitable, impl->error));
    impl->text.append(buffer, count);
  }
  error_code ignored;
  impl->socket->close(ignored);
}

std::string StreamClient::body() const { return take_apart(impl_->text).body; }
bool StreamClient::ended() const { return static_cast<bool>(impl_->error); }
bool StreamClient::whole() const { return take_apart(impl_->text).whole; }
bool StreamClient::was_reset() const { return impl_->error == asio::error::connection_reset; }
void StreamClient::close() {
  error_code ignored;
  if (impl_->socket) impl_->socket->close(ignored);
}

std::vector<Packet> decode_frame(ByteView frame) {
  std::vector<Packet> packets;
  while (frame.size() >= 16) {
    const std::uint32_t total = load_u32(frame.data());
    const Packet packet{load_u16(frame.data() + 6), load_u32(frame.data() + 8),
                        std::string(as_text(frame.subspan(16, total - 16)))};
    frame = frame.subspan(total);
    if (packet.version < 2) {
      packets.push_back(packet);
      if (packet.operation == 3) break;  // the echo after it is no packet
      continue;
    }
    const ByteView body = as_bytes(packet.body);
    const auto inflated =
        packet.version == 2 ? net::inflate_zlib(body, 1 << 24) : net::inflate_brotli(body, 1 << 24);
    const auto inner = decode_frame(inflated.value());
    packets.insert(packets.end(), inner.begin(), inner.end());
  }
  return packets;
}

Bytes client_packet(std::uint32_t operation, std::string_view body) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(16 + body.size()));
  out.u16(16);
  out.u16(1);
  out.u32(operation);
  out.u32(1);
  out.text(body);
  return std::move(out).take();
}

std::string sign_query(const std::string& sorted_query, std::int64_t wts) {
  const std::string query = fmt::format("{}&wts={}", sorted_query, wts);
  return query + "&w_rid=" + md5_hex(query + "ea1db124af3c7062474693fa704f4ff8");
}

}  // namespace live::simulator::test
