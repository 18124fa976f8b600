// SPDX-License-Identifier: Apache-2.0
#include "kube/rest_client.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/stop.hpp"
#include "kube/api_json.hpp"
#include "kube/request.hpp"

namespace live::kube {
namespace {

// Of a reply to a watch that is no stream.
constexpr std::size_t max_error_body = 64 * 1024;
// Texts of Warning headers that are remembered so that each is logged once.
constexpr std::size_t max_seen_warnings = 100;
constexpr std::size_t max_warning_length = 512;

const prometheus::Histogram::BucketBoundaries duration_buckets{
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 4, 8, 15, 30, 60};

[[noreturn]] void throw_unreadable(const std::string& what) {
  throw system_error(boost::system::errc::make_error_code(boost::system::errc::bad_message),
                     "reply of the API server: " + what);
}

bool is_success(int status) { return status >= 200 && status < 300; }

awaitable<std::string> read_error_body(net::ByteStream& body, std::stop_token stop) {
  std::string text;
  std::vector<std::uint8_t> buffer(4096);
  while (text.size() < max_error_body) {
    const std::size_t count = co_await body.read_some(buffer, stop);
    if (count == 0) break;
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  co_return text;
}

}  // namespace

RestClient::RestClient(net::HttpClient& http, net::HttpStreamClient& streams, Clock& clock, Metrics& metrics,
                       TokenSource tokens, RestOptions options)
    : http_(http),
      streams_(streams),
      clock_(clock),
      metrics_(metrics),
      tokens_(std::move(tokens)),
      options_(std::move(options)),
      host_(options_.server.authority()),
      prefix_(options_.server.target) {
  while (prefix_.ends_with('/')) prefix_.pop_back();
}

void RestClient::prepare(net::HttpRequest& request, std::size_t max_body) {
  const std::string target = prefix_ + request.url.target;
  request.url = options_.server;
  request.url.target = target;
  request.timeout = options_.timeout;
  request.max_body = max_body;
}

void RestClient::authorize(net::HttpRequest& request) {
  const std::string& token = tokens_.token(clock_.now());
  if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
}

void RestClient::count(const std::string& code, const std::string& method) {
  prometheus::Counter*& counter = counters_[{code, method}];
  if (!counter) {
    counter = &metrics_.counter("rest_client_requests_total",
                                "Requests to the API server by status code, method and host.",
                                {{"code", code}, {"method", method}, {"host", host_}});
  }
  counter->Increment();
}

void RestClient::note_warnings(const net::Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (name != "Warning" && name != "warning") continue;
    if (seen_warnings_.size() == max_seen_warnings || !seen_warnings_.insert(value).second) continue;
    log::warning("warning of the API server", {{"text", value.substr(0, max_warning_length)}});
  }
}

awaitable<net::HttpResponse> RestClient::send_once(net::HttpRequest request, std::stop_token stop) {
  authorize(request);
  const std::string method = request.method;
  const TimePoint begin = clock_.now();
  net::HttpResponse response;
  try {
    response = co_await http_.send(std::move(request), stop);
  } catch (const Stopped&) {
    throw;
  } catch (...) {
    count("<error>", method);
    throw;
  }
  count(std::to_string(response.status), method);
  prometheus::Histogram*& histogram = durations_[method];
  if (!histogram) {
    histogram = &metrics_.histogram("rest_client_request_duration_seconds",
                                    "Time from sending a request to its whole reply.",
                                    {{"verb", method}, {"host", host_}}, duration_buckets);
  }
  histogram->Observe(std::chrono::duration<double>(clock_.now() - begin).count());
  note_warnings(response.headers);
  co_return response;
}

awaitable<net::HttpResponse> RestClient::send(net::HttpRequest request, std::stop_token stop) {
  net::HttpResponse response = co_await send_once(request, stop);
  if (response.status == 401 && tokens_.refresh(clock_.now()))
    response = co_await send_once(std::move(request), stop);
  co_return response;
}

awaitable<ApiResult<Json>> RestClient::object(net::HttpRequest request, const Fields* fields,
                                              std::stop_token stop) {
  prepare(request, max_object_body);
  const net::HttpResponse response = co_await send(std::move(request), stop);
  if (!is_success(response.status)) {
    co_return ApiResult<Json>(
        Failure{parse_api_error(response.status, response.body, response.headers.get("Retry-After"))});
  }
  Json json = parse_object(response.body, fields ? *fields : all_but_managed_fields);
  if (!json.is_object()) throw_unreadable("not a JSON object");
  co_return ApiResult<Json>(std::move(json));
}

awaitable<ApiResult<Json>> RestClient::get(Resource resource, ObjectKey key, std::stop_token stop) {
  return object(get_request(resource, key), &everything, std::move(stop));
}

awaitable<ApiResult<Json>> RestClient::create(Resource resource, std::string ns, Json object_json,
                                              WriteOptions options, std::stop_token stop) {
  return object(create_request(resource, ns, dump_json(object_json), options), options.answer,
                std::move(stop));
}

awaitable<ApiResult<Json>> RestClient::create_text(Resource resource, std::string ns, std::string object_text,
                                                   WriteOptions options, std::stop_token stop) {
  return object(create_request(resource, ns, std::move(object_text), options), options.answer,
                std::move(stop));
}

awaitable<ApiResult<Json>> RestClient::replace(Resource resource, ObjectKey key, Json object_json,
                                               WriteOptions options, std::stop_token stop) {
  return object(replace_request(resource, key, object_json, options), options.answer, std::move(stop));
}

awaitable<ApiResult<Json>> RestClient::patch(Resource resource, ObjectKey key, Json patch,
                                             PatchOptions options, std::stop_token stop) {
  return object(patch_request(resource, key, patch, options), options.answer, std::move(stop));
}

awaitable<ApiResult<Json>> RestClient::remove(Resource resource, ObjectKey key, DeleteOptions options,
                                              std::stop_token stop) {
  return object(delete_request(resource, key, options), nullptr, std::move(stop));
}

awaitable<ApiResult<ListPage>> RestClient::list(Resource resource, std::string ns, ListOptions options,
                                                std::stop_token stop) {
  net::HttpRequest request = list_request(resource, ns, options);
  prepare(request, max_list_body);
  const net::HttpResponse response = co_await send(std::move(request), stop);
  if (!is_success(response.status)) {
    co_return ApiResult<ListPage>(
        Failure{parse_api_error(response.status, response.body, response.headers.get("Retry-After"))});
  }
  Result<ListPage> page =
      parse_list_page(response.body, options.item ? *options.item : all_but_managed_fields);
  if (!page) throw_unreadable(page.error().message);
  co_return ApiResult<ListPage>(*std::move(page));
}

awaitable<net::HttpStream> RestClient::open_once(net::HttpRequest request, Duration idle,
                                                 std::stop_token stop) {
  authorize(request);
  const std::string method = request.method;
  net::HttpStream stream;
  try {
    stream = co_await streams_.open(std::move(request), idle, stop);
  } catch (const Stopped&) {
    throw;
  } catch (...) {
    count("<error>", method);
    throw;
  }
  count(std::to_string(stream.status), method);
  note_warnings(stream.headers);
  co_return stream;
}

awaitable<ApiResult<std::unique_ptr<net::ByteStream>>> RestClient::watch(Resource resource, std::string ns,
                                                                         WatchOptions options,
                                                                         std::stop_token stop) {
  net::HttpRequest request = watch_request(resource, ns, options);
  prepare(request, max_object_body);
  net::HttpStream stream = co_await open_once(request, options.idle, stop);
  if (stream.status == 401 && tokens_.refresh(clock_.now()))
    stream = co_await open_once(std::move(request), options.idle, stop);
  if (is_success(stream.status))
    co_return ApiResult<std::unique_ptr<net::ByteStream>>(std::move(stream.body));
  const std::string body = co_await read_error_body(*stream.body, stop);
  co_return ApiResult<std::unique_ptr<net::ByteStream>>(
      Failure{parse_api_error(stream.status, body, stream.headers.get("Retry-After"))});
}

}  // namespace live::kube
