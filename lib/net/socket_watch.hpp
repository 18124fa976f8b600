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
  enum class At {
    end_cancel,  // waits end; who starts another one calls check() first, since a cancel has no memory
    end_close    // the socket is closed, for steps that are not ours and don't ask before they wait
  };

  SocketWatch(TcpSocket& socket, TimePoint deadline, std::stop_token stop, At at = At::end_cancel);
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
  struct End {
    TcpSocket* socket;
    At at;
    void operator()() const;
  };
  struct State {
    End end;  // its socket is null when the watch is gone
    bool timed_out = false;
  };

  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
  std::stop_token stop_;
  std::stop_callback<End> on_stop_;
};

}  // namespace live::net
