// SPDX-License-Identifier: Apache-2.0
// An HttpClient whose replies a test gives, by path. Records every request.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace live::test {

class ScriptedHttp final : public net::HttpClient {
 public:
  using Handler = std::function<net::HttpResponse(const net::HttpRequest&)>;

  explicit ScriptedHttp(Clock& clock) : clock_(clock) {}

  // For requests to this path, whatever their query. A path without a handler is answered by 404 and no body.
  void on(std::string path, Handler handler) { handlers_[std::move(path)] = std::move(handler); }
  // Always this body with status 200.
  void reply(std::string path, std::string body);
  void reply(std::string path, int status, std::string body);

  // Each exchange takes so long.
  Duration latency{};
  // Every request fails as if nobody listened.
  bool unreachable = false;

  std::vector<net::HttpRequest> requests;
  std::size_t count(std::string_view path) const;
  const net::HttpRequest& last(std::string_view path) const;  // throws when there was none

  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop) override;

 private:
  Clock& clock_;
  std::map<std::string, Handler> handlers_;
};

// The path of a request, without its query.
std::string path_of(const net::HttpRequest& request);
// The value of one query parameter as it was sent; empty when it is missing.
std::string query_value(const net::HttpRequest& request, std::string_view name);

}  // namespace live::test
