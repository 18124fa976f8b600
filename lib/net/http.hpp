// SPDX-License-Identifier: Apache-2.0
// HTTP requests and replies as values, and the seams through which they are sent.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "net/byte_stream.hpp"
#include "net/url.hpp"

namespace live::net {

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> list) : list_(list) {}

  void add(std::string name, std::string value) { list_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  // Names are compared without case. The first value; all of them by iterating.
  std::optional<std::string> get(std::string_view name) const;
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  std::size_t size() const { return list_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct HttpRequest {
  std::string method = "GET";
  Url url = {};
  Headers headers = {};
  std::string body = {};
  Duration timeout = std::chrono::seconds(10);  // of the whole exchange; of a stream: up to its head
  std::size_t max_body = std::size_t{4} << 20;  // a longer reply is an error
};

struct HttpResponse {
  int status = 0;
  Headers headers = {};
  std::string body = {};
};

// Sends one request and reads one reply; redirects are not followed.
// Throws system_error when there is no complete reply in time, Stopped when stopped.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual awaitable<HttpResponse> send(HttpRequest request, std::stop_token stop) = 0;
};

// A reply whose body is read as it comes.
struct HttpStream {
  int status = 0;
  Headers headers;
  std::unique_ptr<ByteStream> body;
};

class HttpStreamClient {
 public:
  virtual ~HttpStreamClient() = default;
  // `idle`: longest silence of the body before a read throws error::timed_out.
  virtual awaitable<HttpStream> open(HttpRequest request, Duration idle, std::stop_token stop) = 0;
};

}  // namespace live::net
