// SPDX-License-Identifier: Apache-2.0
// HTTP requests as the servers here see them.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "net/http.hpp"
#include "simulator/text.hpp"

namespace live::simulator {

struct Request {
  std::string method, target, path, raw_query;
  Query query;
  net::Headers headers;
  std::string body;
  std::string host;  // of the Host header, without port
  std::string peer;  // address:port
  bool tls = false;
  bool keep_alive = true;
  bool upgrade = false;  // to a WebSocket

  std::string header(std::string_view name) const { return headers.get(name).value_or(""); }
  std::optional<std::string> cookie(std::string_view name) const {
    return find_cookie(header("Cookie"), name);
  }
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds delay{0};
  bool drop = false;  // the connection is reset in place of it
};

// Head and body as they go on the wire.
std::string render(const Reply& reply, bool keep_alive);

// Takes bytes until a request is whole.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();

  enum class State { more, whole, broken };
  // How many of `bytes` belong to this request; whole: request() is there and the rest is of what follows.
  State feed(ByteView bytes, std::size_t& used);
  Request request() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::simulator
