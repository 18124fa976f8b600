// SPDX-License-Identifier: Apache-2.0
#include "simulator/server_websocket.hpp"

#include "simulator/conduit_streams.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace live::simulator {
namespace {

namespace websocket = boost::beast::websocket;

constexpr std::size_t max_client_message = 64 * 1024;

template <class Stream>
class OverStream final : public ServerWebSocket {
 public:
  explicit OverStream(Stream& stream) : socket_(stream) {
    socket_.read_message_max(max_client_message);
    socket_.binary(true);
    // No timeouts of the library: the site drops clients by their heartbeats.
    socket_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(), false});
  }

  awaitable<bool> accept(Bytes request) override {
    error_code error;
    const auto buffer = asio::buffer(request.data(), request.size());
    co_await socket_.async_accept(buffer, asio::redirect_error(use_awaitable, error));
    co_return !error;
  }

  awaitable<Bytes> read() override {
    error_code error;
    co_await socket_.async_read(buffer_, asio::redirect_error(use_awaitable, error));
    Bytes message;
    if (!error) {
      const auto data = buffer_.data();
      const auto* begin = static_cast<const std::uint8_t*>(data.data());
      message.assign(begin, begin + data.size());
    }
    buffer_.clear();
    co_return message;
  }

  awaitable<bool> write(Bytes message) override {
    error_code error;
    const auto buffer = asio::buffer(message.data(), message.size());
    co_await socket_.async_write(buffer, asio::redirect_error(use_awaitable, error));
    co_return !error;
  }

  awaitable<void> close() override {
    error_code ignored;
    const websocket::close_reason reason(websocket::close_code::normal);
    co_await socket_.async_close(reason, asio::redirect_error(use_awaitable, ignored));
  }

 private:
  websocket::stream<Stream&> socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

std::unique_ptr<ServerWebSocket> make_server_websocket(Conduit& conduit) {
  if (conduit.tls()) return std::make_unique<OverStream<TlsStream>>(*conduit.streams().tls);
  return std::make_unique<OverStream<PlainStream>>(conduit.streams().socket);
}

}  // namespace live::simulator
