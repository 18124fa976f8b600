// SPDX-License-Identifier: Apache-2.0
// Stands between a client and a real API server and does to the client what networks, balancers and servers
// do. One thread; the client's side is plain HTTP on loopback.
//
// Faults are not random: each kind is asked for in turn, so that a run long enough has seen all.
#pragma once
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "kube/config.hpp"
#include "net/beast_http.hpp"

namespace live::test {

enum class Fault : std::size_t {
  // instead of the answer to a list or to the opening of a watch
  reset,              // the connection is cut
  too_many_requests,  // 429 with Retry-After
  gone,               // 410
  unavailable,        // 503
  internal_error,     // 500
  version_too_large,  // 504 with its cause
  cut_in_list,        // half of the reply's body, then RST; a watch is let through
  // in the stream of a watch
  split,           // the next events come in pieces of a few bytes, characters torn apart
  drip,            // the next event comes slowly
  duplicate,       // an event twice
  reorder,         // two events in the wrong order
  cut_in_object,   // RST in the middle of an event
  gone_event,      // ERROR 410
  busy_event,      // ERROR 429
  internal_event,  // ERROR 500
  lag,             // nothing for 5 s, then everything
  half_open,       // nothing for ever
  // of a write
  conflict,     // 409, and nothing is written
  answer_lost,  // it is done, and the connection is cut before the answer
  count,
};
constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::count);

struct FaultPlan {
  std::vector<Fault> requests;  // in turn, one of `request_period` lists and openings of watches
  int request_period = 2;
  std::vector<Fault> events;  // in turn, one of `event_period` events of watches
  int event_period = 60;
  std::vector<Fault> writes;  // in turn, one of `write_period` writes
  int write_period = 4;
  Duration lag = std::chrono::seconds(5);
  Duration behind{};  // every event of every watch comes so much later

  // Everything that can befall one who only reads.
  static FaultPlan of_readers();
};

class FaultProxy {
 public:
  FaultProxy(const Executor& executor, Clock& clock, const kube::ClusterConfig& upstream, FaultPlan plan);

  awaitable<void> run(std::stop_token stop);
  // No new faults from now on; streams that are dead stay so.
  void heal() { healed_ = true; }
  // From now on what is asked is done at once, and answered so much later; watches excepted.
  void answer_late(Duration late) { late_ = late; }

  kube::ClusterConfig config() const;  // to reach it
  int count(Fault fault) const { return counts_[static_cast<std::size_t>(fault)]; }

 private:
  using Socket = asio::ip::tcp::socket;
  struct Request;
  struct Stream;
  struct Events;

  std::optional<Fault> turn(const std::vector<Fault>& faults, int period, std::size_t& seen);
  awaitable<void> serve(Socket socket, std::stop_token stop);
  awaitable<void> answer(Socket& socket, Request request, std::stop_token stop);
  awaitable<bool> answer_instead(Socket& socket, Fault fault);
  awaitable<void> relay_reply(Socket& socket, net::HttpStream reply, std::optional<Fault> fault,
                              std::stop_token stop);
  awaitable<void> relay_watch(Socket& socket, net::HttpStream reply, std::stop_token stop);
  awaitable<void> collect(net::ByteStream& body, Events& events, std::stop_token stop);
  awaitable<void> deliver(Socket& socket, Events& events, TaskGroup& group);
  awaitable<bool> relay_event(Socket& socket, Stream& stream, std::string event, std::stop_token stop);

  Executor executor_;
  Clock& clock_;
  FaultPlan plan_;
  net::Url server_;
  net::BeastHttpClient client_;
  asio::ip::tcp::acceptor acceptor_;
  TaskGroup connections_;
  std::array<int, fault_count> counts_{};
  std::size_t requests_ = 0;
  std::size_t events_ = 0;
  std::size_t writes_ = 0;
  bool healed_ = false;
  Duration late_{};
};

}  // namespace live::test
