// SPDX-License-Identifier: Apache-2.0
#include "net/dial.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <vector>

#include "base/stop.hpp"
#include "net/errors.hpp"
#include "net/reply_reader.hpp"

namespace live::net {
namespace {

using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

constexpr Duration min_attempt = std::chrono::seconds(2);

// getaddrinfo can't be interrupted: the waiting ends at the deadline and what it says later is dropped.
struct Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), done(executor) {}

  tcp::resolver resolver;
  asio::steady_timer done;
  bool finished = false;
  error_code failed;
  Endpoints endpoints;
};

void start(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port,
           AddressFamily family) {
  const auto on_done = [lookup](error_code failed, const tcp::resolver::results_type& results) {
    lookup->finished = true;
    lookup->failed = failed;
    lookup->endpoints.assign(results.begin(), results.end());
    lookup->done.cancel();
  };
  const std::string service = std::to_string(port);
  constexpr auto flags = tcp::resolver::numeric_service;
  if (family == AddressFamily::any) {
    lookup->resolver.async_resolve(host, service, flags, on_done);
  } else {
    lookup->resolver.async_resolve(family == AddressFamily::ipv4 ? tcp::v4() : tcp::v6(), host, service,
                                   flags, on_done);
  }
}

awaitable<Endpoints> resolve(Executor executor, std::string host, std::uint16_t port, AddressFamily family,
                             TimePoint deadline, std::stop_token stop) {
  error_code not_numeric;
  const auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    if ((family == AddressFamily::ipv4 && address.is_v6()) ||
        (family == AddressFamily::ipv6 && !address.is_v6())) {
      throw system_error(asio::error::address_family_not_supported, host);
    }
    co_return Endpoints(1, tcp::endpoint(address, port));
  }
  throw_if_stopped(stop);
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->done.expires_at(deadline);
  start(lookup, host, port, family);
  std::stop_callback on_stop(stop, [&lookup] { lookup->done.cancel(); });
  error_code ignored;
  co_await lookup->done.async_wait(asio::redirect_error(use_awaitable, ignored));
  throw_if_stopped(stop);
  if (!lookup->finished) throw system_error(asio::error::timed_out, fmt::format("resolve {}", host));
  if (lookup->failed) throw system_error(lookup->failed, fmt::format("resolve {}", host));
  co_return std::move(lookup->endpoints);
}

void set_options(TcpSocket& socket) {
  const auto set = [fd = socket.native_handle()](int level, int name, int value) {
    ::setsockopt(fd, level, name, &value, sizeof value);  // each is an improvement, none a must
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

// When an attempt must have succeeded so that `others` more addresses can be tried.
TimePoint attempt_deadline(TimePoint deadline, std::size_t others) {
  if (deadline == TimePoint::max() || others == 0) return deadline;
  const TimePoint now = std::chrono::steady_clock::now();
  const Duration share = (deadline - now) / static_cast<Duration::rep>(others + 1);
  return std::min(deadline, now + std::max(share, min_attempt));
}

awaitable<TcpSocket> connect_first(Executor executor, Endpoints endpoints, TimePoint deadline,
                                   std::string what, std::stop_token stop) {
  error_code failed = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    throw_if_stopped(stop);
    TcpSocket socket(executor);
    socket.open(endpoints[i].protocol(), failed);
    if (failed) continue;
    set_options(socket);
    {
      SocketWatch watch(socket, attempt_deadline(deadline, endpoints.size() - i - 1), stop);
      co_await socket.async_connect(endpoints[i], asio::redirect_error(use_awaitable, failed));
      failed = watch.outcome(failed);
    }
    if (!failed) co_return std::move(socket);
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  throw system_error(failed, fmt::format("connect to {}", what));
}

awaitable<void> open_tunnel(Connection& connection, std::string target, SocketWatch& watch) {
  const std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", target);
  co_await connection.write_all(request, watch);
  Bytes buffer;
  const ReplyHead head = co_await read_reply_head(connection, buffer, true, watch);
  // The other side speaks first in none of our protocols, so nothing may have come behind the head.
  if (head.status / 100 != 2 || !buffer.empty()) {
    throw system_error(NetError::proxy_refused, fmt::format("{}: status {}", connection.what(), head.status));
  }
}

std::string host_and_port(const Url& url) {
  return url.host.find(':') == std::string::npos ? fmt::format("{}:{}", url.host, url.port)
                                                 : fmt::format("[{}]:{}", url.host, url.port);
}

}  // namespace

awaitable<std::unique_ptr<Connection>> dial(Executor executor, DialOptions options, TimePoint deadline,
                                            std::stop_token stop) {
  const Url& first = options.proxy ? *options.proxy : options.url;
  Endpoints endpoints =
      co_await resolve(executor, first.host, first.port, options.address_family, deadline, stop);
  std::string what = host_and_port(first);
  TcpSocket socket = co_await connect_first(executor, std::move(endpoints), deadline, what, stop);
  auto connection = std::make_unique<Connection>(std::move(socket), host_and_port(options.url));
  SocketWatch watch(connection->socket(), deadline, stop);
  if (options.proxy) {
    std::string target = host_and_port(options.url);
    co_await open_tunnel(*connection, std::move(target), watch);
  }
  if (options.url.secure()) {
    std::string name = options.tls_server_name.value_or(options.url.host);
    co_await connection->start_tls(options.tls, std::move(name), options.bulk, watch);
  }
  co_return std::move(connection);
}

}  // namespace live::net
