// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server for health and metrics: GET and HEAD, no bodies, bounded connections and times.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/asio.hpp"
#include "net/http.hpp"

namespace live::net {

struct ServerReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

using ServerHandler = std::function<ServerReply()>;

class HttpServer {
 public:
  // Binds at once; throws system_error when it can't. `address` "0.0.0.0:8080", "[::]:8080", port 0 for a
  // free one.
  HttpServer(const Executor& executor, const std::string& address);
  ~HttpServer();

  std::uint16_t port() const;
  // Exact path; the query is ignored. Before run().
  void handle(std::string path, ServerHandler handler);
  // Serves until stopped, then closes what is open.
  awaitable<void> run(std::stop_token stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::net
