// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "net/body_framing.hpp"
#include "net/connection.hpp"

namespace live::net {

// The body of one reply: content without its framing, as far as it has come.
class BodyReader {
 public:
  // `rest`: what came behind the head.
  BodyReader(BodyFraming framing, Bytes rest) : framing_(framing), rest_(std::move(rest)) {}

  // Without waiting, into `to` (not empty). `done`: content was read; `ended`: the body is whole, or `error`
  // says what is wrong: NetError::cut_short, bad_framing, or the connection's failure.
  IoStep step(Connection& connection, std::span<std::uint8_t> to, error_code& error);

  bool finished() const { return framing_.finished(); }
  std::optional<std::uint64_t> left() const { return framing_.left(); }
  // Whole, and nothing behind it that nobody asked for: the connection can serve another request.
  bool clean() const { return finished() && framing_.excess() == 0 && rest_.size() == taken_; }

 private:
  IoStep fetch(Connection& connection, std::span<std::uint8_t> to, error_code& error);

  BodyFraming framing_;
  Bytes rest_;
  std::size_t taken_ = 0;  // of rest_
};

}  // namespace live::net
