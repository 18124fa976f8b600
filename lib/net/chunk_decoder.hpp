// SPDX-License-Identifier: Apache-2.0
// The chunked coding of RFC 9112 7.1 as a machine over bytes, split anywhere. No I/O, never throws.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace live::net {

class ChunkDecoder {
 public:
  static constexpr std::size_t max_size_line = 1024;  // with extensions, which are skipped
  static constexpr std::size_t max_trailer = 8192;    // all trailer lines, which are skipped

  // Moves the content in `data` to its front and gives its length. Bytes after the end of the body are not
  // looked at.
  std::size_t squeeze(std::span<std::uint8_t> data);

  bool finished() const { return state_ == State::finished; }
  bool broken() const { return state_ == State::broken; }
  // Bytes of the last `data` that lay behind the end.
  std::size_t excess() const { return excess_; }

 private:
  enum class State {
    size,
    extension,
    size_lf,
    content,
    content_cr,
    content_lf,
    trailer_start,
    trailer,
    trailer_lf,
    final_lf,
    finished,
    broken
  };
  State next(std::uint8_t byte);
  State after_size(std::uint8_t byte);

  State state_ = State::size;
  std::uint64_t left_ = 0;   // of the chunk
  std::size_t digits_ = 0;   // of its size
  std::size_t line_ = 0;     // bytes of the size line
  std::size_t trailer_ = 0;  // bytes of the trailer
  std::size_t excess_ = 0;
};

}  // namespace live::net
