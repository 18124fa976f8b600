// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server for health and metrics: GET and HEAD, no bodies. At most 64 connections (beyond
// them the one that rests longest is ended), heads of at most 16 KiB, 10 s for a request and for a reply.
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
  // Connections that were ended or refused because too many were open.
  std::uint64_t turned_away() const;
  // Exact path; the query is ignored. A handler that throws is answered with 500. Before run().
  void handle(std::string path, ServerHandler handler);
  // Serves until stopped, then closes what is open.
  awaitable<void> run(std::stop_token stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::net
