// SPDX-License-Identifier: Apache-2.0
// A receiver of notifications behind the seam of the HTTP client.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace live::recorder::test {

class FakeReceiver final : public net::HttpClient {
 public:
  explicit FakeReceiver(Clock& clock) : clock_(clock) {}

  // Status of the next replies; 0: nobody listens.
  int status = 200;
  // How long a reply takes.
  Duration latency{};
  std::function<void()> on_request;

  std::vector<net::HttpRequest> requests;
  std::vector<net::HttpRequest> accepted;  // answered by 2xx

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override;

  // "SessionStarted SessionEnded" and so on, of what was accepted, each EventId once.
  std::string told() const;
  std::vector<std::string> bodies() const;  // accepted, each EventId once

 private:
  Clock& clock_;
};

// A member of the body, or of its EventData.
std::string member(const std::string& body, std::string_view name);

}  // namespace live::recorder::test
