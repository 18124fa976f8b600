// SPDX-License-Identifier: Apache-2.0
// HttpClient over cpprestsdk, for calls to Bilibili's API. The library runs on two threads of its own;
// replies come back on the caller's executor.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace live::net {

// Once, first in main: cpprestsdk starts 40 threads otherwise.
void limit_cpprest_threads();

struct CpprestOptions {
  std::optional<std::string> ca_file = {};  // in addition to the system's authorities
  std::optional<Url> proxy = {};            // http:// only
};

class CpprestHttpClient final : public HttpClient {
 public:
  explicit CpprestHttpClient(CpprestOptions options);
  ~CpprestHttpClient() override;
  // From the next request on.
  void set_proxy(std::optional<Url> proxy);
  // Redirects are not followed. A reply is given up once more than request.max_body has come; the library
  // reads a chunk of the chunked coding whole before it says so. Values of a repeated header are joined by
  // ", ". A second request over a connection that the server closed meanwhile is sent once more.
  awaitable<HttpResponse> send(HttpRequest request, std::stop_token stop) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace live::net
