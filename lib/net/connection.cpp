// SPDX-License-Identifier: Apache-2.0
#include "net/connection.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>

namespace live::net {
namespace {

constexpr int max_busy_reads = 16;

error_code system_failure() { return {errno, boost::system::system_category()}; }

}  // namespace

Connection::Connection(TcpSocket socket, std::string what)
    : socket_(std::move(socket)), what_(std::move(what)) {
  socket_.native_non_blocking(true);
}

Connection::~Connection() { close(); }

awaitable<void> Connection::start_tls(TlsContext tls, std::string server_name, bool bulk,
                                      SocketWatch& watch) {
  ssl_ = make_client_session(*tls, server_name, socket_.native_handle(), bulk);
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) co_return;
    const int reason = SSL_get_error(ssl_.get(), result);
    if (reason == SSL_ERROR_WANT_READ) {
      co_await wait(IoState::want_read, watch);
    } else if (reason == SSL_ERROR_WANT_WRITE) {
      co_await wait(IoState::want_write, watch);
    } else {
      failed_ = true;
      const error_code failed = tls_failure(ssl_.get(), result);
      const std::string problem = verification_problem(ssl_.get());
      watch.check(failed, fmt::format("TLS with {}{}{}", what_, problem.empty() ? "" : ": ", problem));
    }
  }
}

IoStep Connection::try_read(std::span<std::uint8_t> to, error_code& error) {
  if (refuse_closed(error)) return {IoState::ended};
  const IoStep step = ssl_ ? read_tls(to, error) : read_plain(to, error);
  if (error) failed_ = true;
  received_ += step.bytes;
  return step;
}

// The number of a closed descriptor may be another connection's by now, and OpenSSL would use it.
bool Connection::refuse_closed(error_code& error) const {
  if (socket_.is_open()) return false;
  error = asio::error::operation_aborted;
  return true;
}

IoStep Connection::read_plain(std::span<std::uint8_t> to, error_code& error) {
  const ssize_t count = ::recv(socket_.native_handle(), to.data(), to.size(), 0);
  if (count > 0) return {IoState::done, static_cast<std::size_t>(count)};
  if (count == 0) return {IoState::ended};
  if (errno == EAGAIN || errno == EINTR) return {IoState::want_read};
  error = system_failure();
  return {IoState::ended};
}

IoStep Connection::read_tls(std::span<std::uint8_t> to, error_code& error) {
  if (read_error_) {
    error = read_error_;
    return {IoState::ended};
  }
  std::size_t total = 0;
  while (total < to.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), to.data() + total, to.size() - total, &count);
    if (result == 1) {
      total += count;
      continue;
    }
    const int reason = SSL_get_error(ssl_.get(), result);
    const bool lasting =
        reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE && reason != SSL_ERROR_ZERO_RETURN;
    if (lasting) read_error_ = tls_failure(ssl_.get(), result);
    if (total > 0) break;
    if (reason == SSL_ERROR_WANT_READ) return {IoState::want_read};
    if (reason == SSL_ERROR_WANT_WRITE) return {IoState::want_write};
    error = read_error_;
    return {IoState::ended};
  }
  return {IoState::done, total};
}

IoStep Connection::try_write(ByteView from, error_code& error) {
  if (refuse_closed(error)) return {IoState::ended};
  if (ssl_) return write_tls(from, error);
  const ssize_t count = ::send(socket_.native_handle(), from.data(), from.size(), MSG_NOSIGNAL);
  if (count > 0) return {IoState::done, static_cast<std::size_t>(count)};
  if (count == 0 || errno == EAGAIN || errno == EINTR) return {IoState::want_write};
  error = system_failure();
  failed_ = true;
  return {IoState::ended};
}

IoStep Connection::write_tls(ByteView from, error_code& error) {
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), from.data(), from.size(), &count);
  if (result == 1) return {IoState::done, count};
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ) return {IoState::want_read};
  if (reason == SSL_ERROR_WANT_WRITE) return {IoState::want_write};
  error = reason == SSL_ERROR_ZERO_RETURN ? error_code(asio::error::eof) : tls_failure(ssl_.get(), result);
  failed_ = true;
  return {IoState::ended};
}

awaitable<std::size_t> Connection::read_some(std::span<std::uint8_t> to, SocketWatch& watch) {
  while (true) {
    watch.check(what_);
    error_code failed;
    const IoStep step = try_read(to, failed);
    watch.check(failed, what_);
    if (step.state == IoState::done) co_return step.bytes;
    if (step.state == IoState::ended) co_return std::size_t{0};
    co_await wait(step.state, watch);
  }
}

awaitable<void> Connection::write_all(std::string_view data, SocketWatch& watch) {
  ByteView left = as_bytes(data);
  while (!left.empty()) {
    watch.check(what_);
    error_code failed;
    const IoStep step = try_write(left, failed);
    watch.check(failed, what_);
    if (step.state == IoState::done) {
      left = left.subspan(step.bytes);
    } else {
      co_await wait(step.state, watch);
    }
  }
}

awaitable<void> Connection::wait(IoState wanted, SocketWatch& watch) {
  watch.check(what_);
  const error_code failed = co_await wait(wanted);
  watch.check(failed, what_);
}

awaitable<error_code> Connection::wait(IoState wanted) {
  busy_reads_ = 0;
  const auto type = wanted == IoState::want_write ? TcpSocket::wait_write : TcpSocket::wait_read;
  error_code failed;
  co_await socket_.async_wait(type, asio::redirect_error(use_awaitable, failed));
  co_return failed;
}

awaitable<void> Connection::yield_if_busy() {
  if (++busy_reads_ < max_busy_reads) co_return;
  busy_reads_ = 0;
  co_await asio::post(socket_.get_executor(), use_awaitable);
}

bool Connection::at_rest() {
  if (failed_ || !socket_.is_open()) return false;
  std::uint8_t byte = 0;
  if (!ssl_) {
    const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
    return count < 0 && errno == EAGAIN;
  }
  // TLS 1.3 servers send session tickets when they like: OpenSSL takes those in here.
  ERR_clear_error();
  const int result = SSL_peek(ssl_.get(), &byte, 1);
  const bool resting = result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
  if (!resting) failed_ = true;
  return resting;
}

void Connection::close() {
  if (!socket_.is_open()) return;
  if (ssl_ && !failed_ && !read_error_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace live::net
