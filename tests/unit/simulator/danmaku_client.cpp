// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>

#include "site_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace live::simulator::test {
namespace {

using tcp = asio::ip::tcp;
namespace websocket = boost::beast::websocket;

class Socket {
 public:
  virtual ~Socket() = default;
  virtual awaitable<bool> upgrade(std::string host) = 0;
  virtual awaitable<void> write(Bytes frame) = 0;
  virtual awaitable<Bytes> read() = 0;
};

template <class Stream>
class OverStream final : public Socket {
 public:
  explicit OverStream(Stream& stream) : socket_(stream) { socket_.binary(true); }

  awaitable<bool> upgrade(std::string host) override {
    error_code error;
    co_await socket_.async_handshake(host, "/sub", asio::redirect_error(use_awaitable, error));
    co_return !error;
  }
  awaitable<void> write(Bytes frame) override {
    error_code ignored;
    co_await socket_.async_write(asio::buffer(frame), asio::redirect_error(use_awaitable, ignored));
  }
  awaitable<Bytes> read() override {
    boost::beast::flat_buffer buffer;
    error_code error;
    co_await socket_.async_read(buffer, asio::redirect_error(use_awaitable, error));
    Bytes frame;
    if (error) co_return frame;
    const auto data = buffer.data();
    const auto* begin = static_cast<const std::uint8_t*>(data.data());
    frame.assign(begin, begin + data.size());
    co_return frame;
  }

 private:
  websocket::stream<Stream&> socket_;
};

}  // namespace

struct DanmakuClient::Impl {
  explicit Impl(const Executor& executor) : plain(executor) {}
  tcp::socket plain;
  asio::ssl::context context{asio::ssl::context::tls_client};
  std::optional<asio::ssl::stream<tcp::socket&>> secure;
  std::unique_ptr<Socket> socket;
};

DanmakuClient::DanmakuClient() = default;
DanmakuClient::~DanmakuClient() = default;

awaitable<bool> DanmakuClient::open(int port, std::string ca_file) {
  const Executor executor = co_await asio::this_coro::executor;
  impl_ = std::make_shared<Impl>(executor);
  const tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
  error_code error;
  co_await impl_->plain.async_connect(server, asio::redirect_error(use_awaitable, error));
  if (error) co_return false;
  if (ca_file.empty()) {
    impl_->socket = std::make_unique<OverStream<tcp::socket>>(impl_->plain);
  } else {
    impl_->context.load_verify_file(ca_file);
    impl_->secure.emplace(impl_->plain, impl_->context);
    impl_->secure->set_verify_mode(asio::ssl::verify_peer);
    impl_->socket = std::make_unique<OverStream<asio::ssl::stream<tcp::socket&>>>(*impl_->secure);
    co_await impl_->secure->async_handshake(asio::ssl::stream_base::client,
                                            asio::redirect_error(use_awaitable, error));
    if (error) co_return false;
  }
  const bool upgraded = co_await impl_->socket->upgrade(fmt::format("127.0.0.1:{}", port));
  co_return upgraded;
}

awaitable<void> DanmakuClient::send(Bytes frame) { co_await impl_->socket->write(std::move(frame)); }

awaitable<Bytes> DanmakuClient::read() {
  const std::shared_ptr<Impl> impl = impl_;
  Bytes frame = co_await impl->socket->read();
  co_return frame;
}

}  // namespace live::simulator::test
