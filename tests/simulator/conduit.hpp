// SPDX-License-Identifier: Apache-2.0
// An accepted connection, plain or TLS, down to how it ends: faults need more control than a stream class
// gives.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <string>

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "net/tls.hpp"

namespace live::simulator {

class Conduit {
 public:
  struct Streams;  // conduit_streams.hpp

  // `tls` null: plain.
  Conduit(asio::ip::tcp::socket socket, net::TlsContext tls);
  ~Conduit();
  Conduit(const Conduit&) = delete;
  Conduit& operator=(const Conduit&) = delete;

  // False when the TLS handshake fails or takes longer than `limit`.
  awaitable<bool> handshake(Duration limit);
  // 0 at the end of the connection, however it came; also after `idle` of silence, and then it is closed.
  awaitable<std::size_t> read_some(std::span<std::uint8_t> to, Duration idle);
  // How many bytes the kernel took; fewer than given when the connection broke.
  awaitable<std::size_t> write(ByteView bytes);

  // Ends the reads that are under way as if the connection had ended. Before finish(), which reads too: of
  // two reads at a time one may never be told of the end.
  void cancel();
  // Ends in good order: close_notify with TLS, then FIN, and a moment for the other side to have read all.
  awaitable<void> finish();
  void reset();  // RST
  void cut();    // FIN, nothing before it
  bool open() const;

  const std::string& peer() const { return peer_; }
  bool tls() const;
  Streams& streams() { return *streams_; }
  Executor executor() const { return executor_; }

 private:
  Executor executor_;
  std::unique_ptr<Streams> streams_;
  std::string peer_;
};

}  // namespace live::simulator
