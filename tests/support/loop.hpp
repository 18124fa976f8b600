// SPDX-License-Identifier: Apache-2.0
// Runs coroutines in a test: in virtual time, or in real time with a deadline for what uses sockets.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <stdexcept>

#include "support/fake_clock.hpp"

namespace live::test {

class Loop {
 public:
  asio::io_context io{1};
  FakeClock clock;

  Executor executor() { return io.get_executor(); }

  // Runs what is ready, without letting virtual time pass.
  void poll() {
    io.restart();
    io.poll();
  }

  // Lets virtual time pass, stopping at each moment at which somebody wakes.
  void advance(Duration length) {
    const TimePoint end = clock.now() + length;
    poll();
    while (clock.next_due() <= end) {
      clock.set(clock.next_due());
      poll();
    }
    clock.set(end);
    poll();
  }

  // The result of a coroutine. Virtual time passes as sleepers need it; throws when nothing can go on or
  // after `limit` of virtual time. No sockets.
  template <class T>
  T run(awaitable<T> task, Duration limit = std::chrono::hours(1)) {
    Outcome<T> outcome;
    start(std::move(task), outcome);
    const TimePoint end = clock.now() + limit;
    poll();
    while (!outcome.done) {
      if (clock.next_due() > end) throw std::runtime_error("the coroutine does not end");
      clock.set(clock.next_due());
      poll();
    }
    return std::move(outcome).take();
  }

  // The same in real time, for what uses sockets or threads.
  template <class T>
  T run_real(awaitable<T> task, Duration limit = std::chrono::seconds(20)) {
    Outcome<T> outcome;
    start(std::move(task), outcome);
    run_until([&] { return outcome.done; }, limit);
    return std::move(outcome).take();
  }

  // Runs the loop in real time until the condition holds; throws after `limit`.
  void run_until(const std::function<bool()>& condition, Duration limit = std::chrono::seconds(20)) {
    const TimePoint end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= end)
        throw std::runtime_error("the condition does not come true");
      io.restart();
      io.run_one_for(std::chrono::milliseconds(20));
    }
  }

 private:
  template <class T>
  struct Outcome {
    bool done = false;
    std::exception_ptr error;
    std::optional<T> value;
    T take() && {
      if (error) std::rethrow_exception(error);
      return std::move(*value);
    }
  };

  // co_spawn of Boost 1.74 wants results that have a default constructor.
  template <class T>
  static awaitable<void> keep(awaitable<T> task, Outcome<T>& outcome) {
    T value = co_await std::move(task);
    outcome.value.emplace(std::move(value));
  }
  template <class T>
  void start(awaitable<T> task, Outcome<T>& outcome) {
    asio::co_spawn(io, keep(std::move(task), outcome), [&outcome](std::exception_ptr error) {
      outcome.error = error;
      outcome.done = true;
    });
  }
  void start(awaitable<void> task, Outcome<void>& outcome);
};

template <>
struct Loop::Outcome<void> {
  bool done = false;
  std::exception_ptr error;
  void take() && {
    if (error) std::rethrow_exception(error);
  }
};

inline void Loop::start(awaitable<void> task, Outcome<void>& outcome) {
  asio::co_spawn(io, std::move(task), [&outcome](std::exception_ptr error) {
    outcome.error = error;
    outcome.done = true;
  });
}

}  // namespace live::test
