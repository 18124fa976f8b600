// SPDX-License-Identifier: Apache-2.0
// Client over HTTP. One thread.
#pragma once
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "kube/client.hpp"
#include "kube/token_source.hpp"
#include "net/http.hpp"

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus
namespace live {
class Metrics;
}

namespace live::kube {

struct RestOptions {
  net::Url server;                              // its target is a prefix of every path, "/" for none
  Duration timeout = std::chrono::seconds(30);  // of one request; of a watch: up to its head
};

class RestClient final : public Client {
 public:
  // A list page of 100 objects of the largest size that etcd takes; a single object has a lower limit.
  static constexpr std::size_t max_list_body = std::size_t{160} << 20;
  static constexpr std::size_t max_object_body = std::size_t{8} << 20;

  // Lists and the answers to writes come without metadata.managedFields; what get() gives has them.
  // A 401 makes it read the token again and send the request once more; nothing else is retried here.
  RestClient(net::HttpClient& http, net::HttpStreamClient& streams, Clock& clock, Metrics& metrics,
             TokenSource tokens, RestOptions options);

  awaitable<ApiResult<Json>> get(Resource resource, ObjectKey key, std::stop_token stop) override;
  awaitable<ApiResult<ListPage>> list(Resource resource, std::string ns, ListOptions options,
                                      std::stop_token stop) override;
  awaitable<ApiResult<Json>> create(Resource resource, std::string ns, Json object, WriteOptions options,
                                    std::stop_token stop) override;
  awaitable<ApiResult<Json>> create_text(Resource resource, std::string ns, std::string object,
                                         WriteOptions options, std::stop_token stop) override;
  awaitable<ApiResult<Json>> replace(Resource resource, ObjectKey key, Json object, WriteOptions options,
                                     std::stop_token stop) override;
  awaitable<ApiResult<Json>> patch(Resource resource, ObjectKey key, Json patch, PatchOptions options,
                                   std::stop_token stop) override;
  awaitable<ApiResult<Json>> remove(Resource resource, ObjectKey key, DeleteOptions options,
                                    std::stop_token stop) override;
  awaitable<ApiResult<std::unique_ptr<net::ByteStream>>> watch(Resource resource, std::string ns,
                                                               WatchOptions options,
                                                               std::stop_token stop) override;

 private:
  struct Series;

  void prepare(net::HttpRequest& request, std::size_t max_body);
  void authorize(net::HttpRequest& request);
  awaitable<net::HttpResponse> send(net::HttpRequest request, std::stop_token stop);
  awaitable<net::HttpResponse> send_once(net::HttpRequest request, std::stop_token stop);
  awaitable<net::HttpStream> open_once(net::HttpRequest request, Duration idle, std::stop_token stop);
  awaitable<ApiResult<Json>> object(net::HttpRequest request, const Fields* fields, std::stop_token stop);
  void count(const std::string& code, const std::string& method);
  void note_warnings(const net::Headers& headers);

  net::HttpClient& http_;
  net::HttpStreamClient& streams_;
  Clock& clock_;
  Metrics& metrics_;
  TokenSource tokens_;
  RestOptions options_;
  std::string host_;
  std::string prefix_;
  std::map<std::pair<std::string, std::string>, prometheus::Counter*> counters_;
  std::map<std::string, prometheus::Histogram*> durations_;
  std::set<std::string> seen_warnings_;
};

}  // namespace live::kube
