// SPDX-License-Identifier: Apache-2.0
// A TCP or TLS server on loopback whose every connection plays a script written by the test, in a thread of
// its own with blocking calls. Made of plain sockets and OpenSSL, so that it shares no code with what it
// tests.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/test_certificates.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace live::test {

// The client is gone, or silent for longer than a test should take. Ends a script quietly.
struct PeerGone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Peer {
 public:
  Peer(int fd, ssl_ctx_st* tls, const std::atomic<bool>& closing);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string read_some();                // empty at the end
  std::string read_exactly(std::size_t);  // throws PeerGone when there is less
  std::string read_head();                // up to and with the blank line
  void send(std::string_view data);
  void wait_for_end();  // until the client closes
  // Until the test makes it true; ends the script when the server closes before, as after a failed test.
  void wait_for(const std::function<bool()>& condition);
  void close();  // in order: close_notify and FIN
  void cut();    // FIN alone: for TLS a truncation
  void reset();  // RST instead of FIN when the script ends
  int fd() const { return fd_; }

 private:
  int fd_;
  const std::atomic<bool>& closing_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  std::string ahead_;  // read, not yet asked for
};

class ScriptedServer {
 public:
  // `number`: 0 for the first connection, and so on.
  using Script = std::function<void(Peer& peer, int number)>;

  explicit ScriptedServer(Script script) : ScriptedServer(std::move(script), std::nullopt) {}
  // With `client_authority_pem` the server asks for a client certificate and insists on one.
  ScriptedServer(Script script, std::optional<KeyPair> tls, std::string client_authority_pem = "");
  // Ends all connections and waits for the scripts.
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::string url(const std::string& target = "/", const std::string& host = "127.0.0.1") const;

 private:
  void accept_all();
  void play(int fd, int number);

  Script script_;
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> tls_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::atomic<bool> closing_{false};
  std::list<int> open_;
  std::vector<std::thread> players_;
  std::thread acceptor_;
};

}  // namespace live::test
