// SPDX-License-Identifier: Apache-2.0
// A deadline and a stop token over the waits of one socket.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "base/clock.hpp"

namespace live::net {

using TcpSocket = asio::ip::tcp::socket;

// Now plus `length`; never when that is beyond the clock.
TimePoint deadline_after(Duration length);

// While it lives, what the socket waits for is cancelled at the deadline and at a stop. One timer serves all
// steps of an exchange. The socket must outlive it; same thread as the socket's executor.
class SocketWatch {
 public:
  SocketWatch(TcpSocket& socket, TimePoint deadline, std::stop_token stop);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // Before a wait, since what came earlier cancelled nothing: throws Stopped or error::timed_out.
  void check(const std::string& what) const;
  // After a wait: throws Stopped, error::timed_out or the failure itself. `what` is the context.
  void check(error_code failed, const std::string& what) const;
  // The same for those who go on after a failure: throws only Stopped.
  error_code outcome(error_code failed) const;

 private:
  struct State {
    TcpSocket* socket;  // null when the watch is gone
    bool timed_out = false;
  };
  struct Cancel {
    TcpSocket* socket;
    void operator()() const;
  };

  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
  std::stop_token stop_;
  std::stop_callback<Cancel> on_stop_;
};

}  // namespace live::net
