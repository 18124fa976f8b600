// SPDX-License-Identifier: Apache-2.0
// A Connection as an AsyncStream of Asio's kind, for what is built on such: one reader and one writer at a
// time.
#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "net/connection.hpp"

namespace live::net {

class ConnectionStream {
 public:
  using executor_type = Executor;

  explicit ConnectionStream(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  executor_type get_executor() { return connection_->socket().get_executor(); }
  Connection& connection() { return *connection_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    std::span<std::uint8_t> to;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers); ++at) {
      const asio::mutable_buffer buffer(*at);
      to = {static_cast<std::uint8_t*>(buffer.data()), buffer.size()};
      if (!to.empty()) break;
    }
    const auto step = [to](Connection& connection, error_code& error) {
      return connection.try_read(to, error);
    };
    return start<Token>(to.empty(), step, token);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    // Header and payload of a frame come as two buffers; one record and one segment are enough for them.
    gathered_.resize(std::min(asio::buffer_size(buffers), max_gathered));
    asio::buffer_copy(asio::buffer(gathered_), buffers);
    const ByteView from(gathered_);
    const auto step = [from](Connection& connection, error_code& error) {
      return connection.try_write(from, error);
    };
    return start<Token>(from.empty(), step, token);
  }

 private:
  static constexpr std::size_t max_gathered = std::size_t{16} << 10;

  // Repeats `step` until it did something, and completes as if by post.
  template <class Step>
  struct Transfer {
    Connection& connection;
    Step step;
    bool ready;  // nothing to do, or done
    bool suspended = false;
    std::size_t bytes = 0;
    error_code error = {};

    template <class Self>
    void operator()(Self& self, error_code failed = {}) {
      if (failed) {
        ready = true;
        error = failed;
      }
      if (!ready) {
        const IoStep did = step(connection, error);
        ready = did.state == IoState::done || did.state == IoState::ended;
        bytes = did.bytes;
        if (did.state == IoState::ended && !error) error = asio::error::eof;
        if (!ready) {
          suspended = true;
          TcpSocket& socket = connection.socket();
          socket.async_wait(did.state == IoState::want_write ? TcpSocket::wait_write : TcpSocket::wait_read,
                            std::move(self));
          return;
        }
      }
      if (!std::exchange(suspended, true)) {
        asio::post(connection.socket().get_executor(), std::move(self));
        return;
      }
      self.complete(error, bytes);
    }
  };

  template <class Token, class Step>
  auto start(bool nothing, Step step, Token& token) {
    return asio::async_compose<Token, void(error_code, std::size_t)>(
        Transfer<Step>{*connection_, step, nothing}, token, connection_->socket());
  }

  std::unique_ptr<Connection> connection_;
  Bytes gathered_;
};

}  // namespace live::net
