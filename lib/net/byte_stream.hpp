// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <stop_token>

#include "base/asio.hpp"

namespace live::net {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least one byte into `to`, or 0 at the orderly end of the stream. Throws system_error when the
  // stream breaks (a body that is cut short included), Stopped when stopped. One reader at a time.
  virtual awaitable<std::size_t> read_some(std::span<std::uint8_t> to, std::stop_token stop) = 0;
};

}  // namespace live::net
