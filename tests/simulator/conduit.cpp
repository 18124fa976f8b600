// SPDX-License-Identifier: Apache-2.0
#include "simulator/conduit.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include "simulator/conduit_streams.hpp"

namespace live::simulator {
namespace {

constexpr auto finish_limit = std::chrono::seconds(2);

// Cuts the connection when an operation takes too long. Real time: it guards sockets, not the site's
// behaviour.
class Limit {
 public:
  Limit(Conduit& conduit, Duration length) : timer_(conduit.executor(), length) {
    timer_.async_wait([&conduit, armed = armed_](const error_code& error) {
      if (!error && *armed) conduit.cut();
    });
  }
  ~Limit() { *armed_ = false; }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> armed_ = std::make_shared<bool>(true);
};

std::string address_of(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

}  // namespace

Conduit::Conduit(asio::ip::tcp::socket socket, net::TlsContext tls)
    : executor_(socket.get_executor()), peer_(address_of(socket)) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  streams_ = std::make_unique<Streams>(std::move(socket), std::move(tls));
}

Conduit::~Conduit() = default;

bool Conduit::tls() const { return streams_->tls.has_value(); }

bool Conduit::open() const { return streams_->socket.is_open(); }

awaitable<bool> Conduit::handshake(Duration limit) {
  if (!tls()) co_return true;
  const Limit guard(*this, limit);
  error_code error;
  co_await streams_->tls->async_handshake(asio::ssl::stream_base::server,
                                          asio::redirect_error(use_awaitable, error));
  co_return !error;
}

awaitable<std::size_t> Conduit::read_some(std::span<std::uint8_t> to, Duration idle) {
  const Limit guard(*this, idle);
  const auto buffer = asio::buffer(to.data(), to.size());
  error_code error;
  std::size_t count = 0;
  if (tls()) {
    count = co_await streams_->tls->async_read_some(buffer, asio::redirect_error(use_awaitable, error));
  } else {
    count = co_await streams_->socket.async_read_some(buffer, asio::redirect_error(use_awaitable, error));
  }
  co_return error ? 0 : count;
}

awaitable<std::size_t> Conduit::write(ByteView bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  error_code error;
  std::size_t count = 0;
  if (tls()) {
    count = co_await asio::async_write(*streams_->tls, buffer, asio::redirect_error(use_awaitable, error));
  } else {
    count = co_await asio::async_write(streams_->socket, buffer, asio::redirect_error(use_awaitable, error));
  }
  co_return count;
}

awaitable<void> Conduit::finish() {
  const Limit guard(*this, finish_limit);
  error_code ignored;
  if (tls()) {
    co_await streams_->tls->async_shutdown(asio::redirect_error(use_awaitable, ignored));
  }
  streams_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  // Closing with unread bytes waiting would send RST and take the end of the body from the client.
  std::uint8_t rest[4096];
  error_code error;
  while (!error) {
    co_await streams_->socket.async_read_some(asio::buffer(rest), asio::redirect_error(use_awaitable, error));
  }
  streams_->socket.close(ignored);
}

void Conduit::cancel() {
  error_code ignored;
  streams_->socket.cancel(ignored);
}

void Conduit::reset() {
  error_code ignored;
  streams_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  streams_->socket.close(ignored);
}

void Conduit::cut() {
  error_code ignored;
  streams_->socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  streams_->socket.close(ignored);
}

}  // namespace live::simulator
