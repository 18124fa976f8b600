// SPDX-License-Identifier: Apache-2.0
// Cancellation. Not an error: never logged, never retried; TaskGroup swallows it.
#pragma once
#include <exception>
#include <stop_token>

namespace live {

struct Stopped : std::exception {
  const char* what() const noexcept override { return "stopped"; }
};

inline void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Stopped();
}

}  // namespace live
