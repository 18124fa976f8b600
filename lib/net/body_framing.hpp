// SPDX-License-Identifier: Apache-2.0
// Where the body of an HTTP/1.1 reply ends. No I/O, never throws.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net/chunk_decoder.hpp"

namespace live::net {

class BodyFraming {
 public:
  static BodyFraming until_close() { return BodyFraming(Kind::until_close, 0); }
  static BodyFraming length(std::uint64_t bytes) { return BodyFraming(Kind::length, bytes); }
  static BodyFraming chunked() { return BodyFraming(Kind::chunked, 0); }

  // How much of a buffer of `room` bytes to read into.
  std::size_t want(std::size_t room) const {
    return kind_ == Kind::length && left_ < room ? static_cast<std::size_t>(left_) : room;
  }

  // Takes bytes as they came off the connection: moves the content to the front of `data` and gives its
  // length.
  std::size_t take(std::span<std::uint8_t> data) {
    if (kind_ == Kind::chunked) return chunks_.squeeze(data);
    if (kind_ == Kind::until_close) return data.size();
    const std::size_t count = want(data.size());
    excess_ = data.size() - count;
    left_ -= count;
    return count;
  }

  // The connection ended in order: true when that is where the body may end.
  bool end() {
    if (kind_ == Kind::until_close) kind_ = Kind::length;
    return finished();
  }

  bool finished() const { return kind_ == Kind::chunked ? chunks_.finished() : ended_by_length(); }
  bool broken() const { return chunks_.broken(); }
  // Bytes of the last `data` that lay behind the end of the body.
  std::size_t excess() const { return kind_ == Kind::chunked ? chunks_.excess() : excess_; }
  // Body bytes still to come, where the head says so.
  std::optional<std::uint64_t> left() const {
    return kind_ == Kind::length ? std::optional<std::uint64_t>(left_) : std::nullopt;
  }

 private:
  enum class Kind { until_close, length, chunked };
  BodyFraming(Kind kind, std::uint64_t left) : kind_(kind), left_(left) {}
  bool ended_by_length() const { return kind_ == Kind::length && left_ == 0; }

  Kind kind_;
  std::uint64_t left_;
  std::size_t excess_ = 0;
  ChunkDecoder chunks_;
};

}  // namespace live::net
