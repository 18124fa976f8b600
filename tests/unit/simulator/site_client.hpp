// SPDX-License-Identifier: Apache-2.0
// Clients of the simulator for its own tests: independent of the project's client code, so that each proves
// the other.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "base/bytes.hpp"

namespace live::simulator::test {

struct HttpAnswer {
  int status = 0;
  std::string head, body;  // body without its framing
};

// One request on one connection to 127.0.0.1; reads until the server ends it.
awaitable<HttpAnswer> call(int port, std::string method, std::string target, std::string body = "",
                           std::string headers = "");

// Sends text as it is and gives everything that comes back until the server ends the connection.
awaitable<std::string> exchange(int port, std::string text);

// A stream that is read piece by piece.
class StreamClient {
 public:
  StreamClient();
  ~StreamClient();
  awaitable<int> open(int port, std::string target);  // status, 0 when there is none
  // Reads until the end of the connection.
  awaitable<void> read_all();
  std::string body() const;  // so far, without its framing
  bool ended() const;        // the connection is over
  bool whole() const;        // with the last chunk
  bool was_reset() const;
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with a read that is under way
};

class DanmakuClient {
 public:
  DanmakuClient();
  ~DanmakuClient();
  // With a CA file: over TLS.
  awaitable<bool> open(int port, std::string ca_file = "");
  awaitable<void> send(Bytes frame);
  awaitable<Bytes> read();  // empty at the end

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with a read that is under way
};

struct Packet {
  std::uint16_t version;
  std::uint32_t operation;
  std::string body;
};
// All packets, those inside of compressed ones included, and none of what follows a heartbeat reply.
std::vector<Packet> decode_frame(ByteView frame);
Bytes client_packet(std::uint32_t operation, std::string_view body);

// The query with wts and w_rid for the simulator's first keys.
std::string sign_query(const std::string& sorted_query, std::int64_t wts);

}  // namespace live::simulator::test
