// SPDX-License-Identifier: Apache-2.0
// HttpClient and HttpStreamClient over Beast, HTTP/1.1 with pooled connections. One thread.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/address_family.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace live::net {

struct BeastHttpOptions {
  std::string user_agent = {};
  std::size_t max_connections = 16;              // for send(); a further request waits for its turn
  Duration max_idle = std::chrono::seconds(60);  // below the 90 s after which API servers close
  Duration max_age = std::chrono::minutes(5);    // so that load spreads again after a server restart
  Duration connect_timeout = std::chrono::seconds(10);
  std::optional<std::string> tls_server_name = {};  // for SNI and verification in place of the URL's host
  std::optional<Url> proxy = {};                    // http:// with CONNECT
  AddressFamily address_family = AddressFamily::any;
};

// A request on a reused connection that fails before the first byte of a reply is sent once more on a new
// one. TCP keepalive (30/10/3) and TCP_USER_TIMEOUT 30 s on every connection; ALPN http/1.1.
class BeastHttpClient final : public HttpClient, public HttpStreamClient {
 public:
  BeastHttpClient(const Executor& executor, TlsContext tls, BeastHttpOptions options);
  ~BeastHttpClient() override;

  awaitable<HttpResponse> send(HttpRequest request, std::stop_token stop) override;
  awaitable<HttpStream> open(HttpRequest request, Duration idle, std::stop_token stop) override;

  // From now on new connections use this; idle ones are closed.
  void replace_tls(TlsContext tls);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace live::net
