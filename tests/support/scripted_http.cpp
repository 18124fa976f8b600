// SPDX-License-Identifier: Apache-2.0
#include "support/scripted_http.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <stdexcept>

#include "base/stop.hpp"

namespace live::test {

void ScriptedHttp::reply(std::string path, std::string body) { reply(std::move(path), 200, std::move(body)); }

void ScriptedHttp::reply(std::string path, int status, std::string body) {
  on(std::move(path), [status, body = std::move(body)](const net::HttpRequest&) {
    return net::HttpResponse{status, {}, body};
  });
}

std::size_t ScriptedHttp::count(std::string_view path) const {
  return static_cast<std::size_t>(
      std::count_if(requests.begin(), requests.end(),
                    [path](const net::HttpRequest& request) { return path_of(request) == path; }));
}

const net::HttpRequest& ScriptedHttp::last(std::string_view path) const {
  const auto found =
      std::find_if(requests.rbegin(), requests.rend(),
                   [path](const net::HttpRequest& request) { return path_of(request) == path; });
  if (found == requests.rend()) throw std::out_of_range("no request to " + std::string(path));
  return *found;
}

awaitable<net::HttpResponse> ScriptedHttp::send(net::HttpRequest request, std::stop_token stop) {
  throw_if_stopped(stop);
  requests.push_back(request);
  if (latency > Duration::zero()) {
    co_await clock_.sleep_for(latency, stop);
    throw_if_stopped(stop);
  }
  if (unreachable) throw system_error(asio::error::connection_refused);
  const auto handler = handlers_.find(path_of(request));
  if (handler == handlers_.end()) co_return net::HttpResponse{404, {}, {}};
  net::HttpResponse response = handler->second(request);
  co_return std::move(response);
}

std::string path_of(const net::HttpRequest& request) {
  return request.url.target.substr(0, request.url.target.find('?'));
}

std::string query_value(const net::HttpRequest& request, std::string_view name) {
  std::string_view target = request.url.target;
  std::size_t at = target.find('?');
  while (at != std::string_view::npos) {
    target.remove_prefix(at + 1);
    at = target.find('&');
    const std::string_view pair = target.substr(0, at);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

}  // namespace live::test
