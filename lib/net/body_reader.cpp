// SPDX-License-Identifier: Apache-2.0
#include "net/body_reader.hpp"

#include <algorithm>

#include "net/errors.hpp"

namespace live::net {

IoStep BodyReader::step(Connection& connection, std::span<std::uint8_t> to, error_code& error) {
  while (!framing_.finished()) {
    const IoStep raw = fetch(connection, to.first(framing_.want(to.size())), error);
    if (error) return raw;
    if (raw.state == IoState::ended) {
      if (!framing_.end()) error = NetError::cut_short;
      return raw;
    }
    if (raw.state != IoState::done) return raw;
    const std::size_t content = framing_.take(to.first(raw.bytes));
    if (framing_.broken()) {
      error = NetError::bad_framing;
      return {IoState::ended};
    }
    if (content > 0) return {IoState::done, content};
  }
  return {IoState::ended};
}

IoStep BodyReader::fetch(Connection& connection, std::span<std::uint8_t> to, error_code& error) {
  if (taken_ == rest_.size()) return connection.try_read(to, error);
  const std::size_t count = std::min(to.size(), rest_.size() - taken_);
  std::copy_n(rest_.begin() + static_cast<std::ptrdiff_t>(taken_), count, to.begin());
  taken_ += count;
  if (taken_ == rest_.size()) {
    rest_ = Bytes();
    taken_ = 0;
  }
  return {IoState::done, count};
}

}  // namespace live::net
