// SPDX-License-Identifier: Apache-2.0
// The server's side of HTTP in virtual time: replies come from functions of the test, watches are fed by
// hand.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/alarm.hpp"
#include "net/http.hpp"

namespace live::kube::test {

struct Reply {
  int status = 200;
  std::string body;
  net::Headers headers;
  Duration delay{};                 // before the reply, or before the error
  std::optional<error_code> error;  // instead of a reply
};

// One open watch. The test holds it; the client reads from it.
class StreamFeed {
 public:
  explicit StreamFeed(Clock& clock) : alarm_(clock), clock_(clock) {}

  void send(const std::string& bytes);
  void end();                  // in good order
  void cut(error_code error);  // broken
  bool being_read() const { return !closed_; }

  awaitable<std::size_t> read(std::span<std::uint8_t> to, Duration idle, std::stop_token stop);
  void close() { closed_ = true; }

 private:
  Alarm alarm_;
  Clock& clock_;
  std::string bytes_;
  bool ended_ = false;
  bool closed_ = false;
  std::optional<error_code> error_;
};

class ScriptedApi final : public net::HttpClient, public net::HttpStreamClient {
 public:
  explicit ScriptedApi(Clock& clock) : clock_(clock) {}

  std::function<Reply(const net::HttpRequest&)> on_request;
  // A status of 200 opens `streams.back()`, which holds the body of the reply already.
  std::function<Reply(const net::HttpRequest&)> on_watch;

  std::vector<net::HttpRequest> requests;  // watches included
  std::vector<std::shared_ptr<StreamFeed>> streams;

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override;
  awaitable<net::HttpStream> open(net::HttpRequest request, Duration idle, std::stop_token stop) override;

  std::size_t count(const std::string& in_target) const;

 private:
  awaitable<void> pass(Duration delay, std::optional<error_code> error, Duration timeout,
                       std::stop_token stop);

  Clock& clock_;
};

}  // namespace live::kube::test
