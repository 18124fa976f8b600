// SPDX-License-Identifier: Apache-2.0
#include "simulator/listener.hpp"

#include <boost/asio/redirect_error.hpp>

#include "base/log.hpp"
#include "base/task_group.hpp"
#include "simulator/text.hpp"

namespace live::simulator {
namespace {

constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr int backlog = 4096;

asio::ip::tcp::endpoint parse_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : to_int(std::string_view(address).substr(colon + 1));
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  error_code error;
  const auto ip = asio::ip::make_address(host, error);
  if (error || !port || *port < 0 || *port > 65535)
    throw system_error(make_error_code(boost::system::errc::invalid_argument),
                       address + ": IP:PORT is wanted");
  return {ip, static_cast<std::uint16_t>(*port)};
}

}  // namespace

Listener::Listener(const Executor& executor, const std::string& address)
    : executor_(executor), acceptor_(executor) {
  const auto endpoint = parse_address(address);
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  error_code error;
  acceptor_.bind(endpoint, error);
  if (error) throw system_error(error, address);
  acceptor_.listen(backlog);
}

awaitable<void> Listener::run(Serve serve, Clock& clock, std::stop_token stop) {
  TaskGroup connections(executor_, stop);
  std::stop_callback on_stop(stop, [this] {
    error_code ignored;
    acceptor_.close(ignored);
  });
  while (!stop.stop_requested()) {
    error_code error;
    asio::ip::tcp::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(use_awaitable, error));
    if (!error) connections.spawn(serve_one(serve, std::move(socket), connections.token()));
    // Out of file descriptors, mostly: others end, so it passes.
    if (error && !stop.stop_requested()) {
      co_await clock.sleep_for(accept_pause, stop);
    }
  }
  co_await connections.join();
}

awaitable<void> Listener::serve_one(const Serve& serve, asio::ip::tcp::socket socket, std::stop_token stop) {
  try {
    co_await serve(std::move(socket), stop);
  } catch (const std::exception& problem) {
    log::warning("connection failed", {{"error", problem.what()}});
  }
}

}  // namespace live::simulator
