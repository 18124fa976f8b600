// SPDX-License-Identifier: Apache-2.0
#include "net/chunk_decoder.hpp"

#include <algorithm>
#include <cstring>

namespace live::net {
namespace {

constexpr std::size_t max_digits = 16;

int hex_value(std::uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkDecoder::squeeze(std::span<std::uint8_t> data) {
  std::size_t in = 0;
  std::size_t out = 0;
  while (in < data.size() && !finished() && !broken()) {
    if (state_ != State::content) {
      state_ = next(data[in++]);
      continue;
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size() - in));
    if (in != out) std::memmove(data.data() + out, data.data() + in, count);
    in += count;
    out += count;
    left_ -= count;
    if (left_ == 0) state_ = State::content_cr;
  }
  excess_ = finished() ? data.size() - in : 0;
  return out;
}

ChunkDecoder::State ChunkDecoder::next(std::uint8_t byte) {
  switch (state_) {
    case State::size:
      return after_size(byte);
    case State::extension:
      if (byte == '\r') return State::size_lf;
      return byte != '\n' && ++line_ <= max_size_line ? State::extension : State::broken;
    case State::size_lf:
      if (byte != '\n') return State::broken;
      return left_ == 0 ? State::trailer_start : State::content;
    case State::content_cr:
      return byte == '\r' ? State::content_lf : State::broken;
    case State::content_lf:
      digits_ = 0;
      line_ = 0;
      return byte == '\n' ? State::size : State::broken;
    case State::trailer_start:
      if (byte == '\r') return State::final_lf;
      [[fallthrough]];
    case State::trailer:
      if (byte == '\r') return State::trailer_lf;
      return byte != '\n' && ++trailer_ <= max_trailer ? State::trailer : State::broken;
    case State::trailer_lf:
      return byte == '\n' ? State::trailer_start : State::broken;
    case State::final_lf:
      return byte == '\n' ? State::finished : State::broken;
    case State::content:
    case State::finished:
    case State::broken:
      break;
  }
  return state_;
}

ChunkDecoder::State ChunkDecoder::after_size(std::uint8_t byte) {
  const int digit = hex_value(byte);
  if (digit >= 0) {
    if (++digits_ > max_digits) return State::broken;
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    return State::size;
  }
  if (digits_ == 0) return State::broken;
  if (byte == '\r') return State::size_lf;
  return byte == ';' || byte == ' ' || byte == '\t' ? State::extension : State::broken;
}

}  // namespace live::net
