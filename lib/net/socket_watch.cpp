// SPDX-License-Identifier: Apache-2.0
#include "net/socket_watch.hpp"

#include <boost/asio/error.hpp>

#include "base/stop.hpp"

namespace live::net {

TimePoint deadline_after(Duration length) {
  const TimePoint now = std::chrono::steady_clock::now();
  return length >= TimePoint::max() - now ? TimePoint::max() : now + length;
}

void SocketWatch::End::operator()() const {
  error_code ignored;
  if (at == At::end_close) {
    socket->close(ignored);
  } else {
    socket->cancel(ignored);
  }
}

SocketWatch::SocketWatch(TcpSocket& socket, TimePoint deadline, std::stop_token stop, At at)
    : state_(std::make_shared<State>(State{End{&socket, at}})),
      timer_(socket.get_executor()),
      stop_(std::move(stop)),
      on_stop_(stop_, End{&socket, at}) {
  if (deadline == TimePoint::max()) return;
  timer_.expires_at(deadline);
  timer_.async_wait([state = state_](error_code error) {
    if (error || state->end.socket == nullptr) return;
    state->timed_out = true;
    state->end();
  });
}

SocketWatch::~SocketWatch() { state_->end.socket = nullptr; }

void SocketWatch::check(const std::string& what) const {
  throw_if_stopped(stop_);
  if (state_->timed_out) throw system_error(asio::error::timed_out, what);
}

void SocketWatch::check(error_code failed, const std::string& what) const {
  if (failed) throw system_error(outcome(failed), what);
}

error_code SocketWatch::outcome(error_code failed) const {
  if (!failed) return failed;
  throw_if_stopped(stop_);
  return state_->timed_out ? error_code(asio::error::timed_out) : failed;
}

}  // namespace live::net
