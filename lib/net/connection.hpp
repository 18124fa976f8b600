// SPDX-License-Identifier: Apache-2.0
// One client or server connection, plain or TLS, over a non-blocking socket: the only place of the project
// that calls recv, send, SSL_read and SSL_write. asio::ssl::stream hands over one 16 KiB record per wait and
// copies it once more; this one takes all that has come.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "net/socket_watch.hpp"
#include "net/tls.hpp"
#include "net/tls_session.hpp"

namespace live::net {

enum class IoState { done, ended, want_read, want_write };

struct IoStep {
  IoState state;
  std::size_t bytes = 0;  // > 0 when done
};

class Connection {
 public:
  // A connected socket. `what` names the peer in errors.
  Connection(TcpSocket socket, std::string what);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Client handshake with verification of `server_name`. Throws system_error; its text says what
  // verification found wrong.
  awaitable<void> start_tls(TlsContext tls, std::string server_name, bool bulk, SocketWatch& watch);

  // What can be done at once. `ended`: the orderly end (of TLS: close_notify). A failure is in `error`.
  IoStep try_read(std::span<std::uint8_t> to, error_code& error);
  IoStep try_write(ByteView from, error_code& error);

  // Waits for at least one byte; 0 at the orderly end. Throws Stopped or system_error.
  awaitable<std::size_t> read_some(std::span<std::uint8_t> to, SocketWatch& watch);
  // `data` stays in place until it ends.
  awaitable<void> write_all(std::string_view data, SocketWatch& watch);
  awaitable<void> wait(IoState wanted, SocketWatch& watch);
  // Without a watch: who cancels the socket's waits is the caller's affair.
  awaitable<error_code> wait(IoState wanted);

  // Lets other work of the thread have its turn when much was read without a wait in between.
  awaitable<void> yield_if_busy();

  // Of a connection at rest: neither ended nor holding bytes that nobody asked for.
  bool at_rest();

  // Sends close_notify if that is possible at once, and closes.
  void close();

  TcpSocket& socket() { return socket_; }
  const std::string& what() const { return what_; }
  std::uint64_t received() const { return received_; }  // bytes after decryption

 private:
  bool refuse_closed(error_code& error) const;
  IoStep read_plain(std::span<std::uint8_t> to, error_code& error);
  IoStep read_tls(std::span<std::uint8_t> to, error_code& error);
  IoStep write_tls(ByteView from, error_code& error);

  TcpSocket socket_;
  std::string what_;
  SslHandle ssl_;
  error_code read_error_;  // found behind bytes that were delivered first
  bool failed_ = false;
  std::uint64_t received_ = 0;
  int busy_reads_ = 0;
};

}  // namespace live::net
