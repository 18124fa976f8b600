// SPDX-License-Identifier: Apache-2.0
// ISO base media boxes, one after the other. Never trusts a size. Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace live::hls {

constexpr std::uint32_t box_type(const char (&name)[5]) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(name[0])) << 24 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[1])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[2])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[3]));
}

struct Box {
  std::uint32_t type = 0;
  std::size_t begin = 0;  // in the walker's data
  std::size_t body = 0;   // first byte behind size and type
  std::size_t end = 0;
};

// The boxes of data[begin, end). Stops at the first that does not fit.
class BoxWalker {
 public:
  explicit BoxWalker(ByteView data) : BoxWalker(data, 0, data.size()) {}
  BoxWalker(ByteView data, std::size_t begin, std::size_t end) : data_(data), at_(begin), end_(end) {}
  BoxWalker(ByteView data, const Box& parent) : BoxWalker(data, parent.body, parent.end) {}

  std::optional<Box> next();
  // All of the range was boxes; asked when next() has given nothing.
  bool whole() const { return at_ == end_; }

 private:
  ByteView data_;
  std::size_t at_;
  std::size_t end_;
};

// The first box of that type in the range of `parent`'s body; nothing when there is none.
std::optional<Box> find_box(ByteView data, const Box& parent, std::uint32_t type);

// What is in a box, as far as it goes.
inline ByteView body_of(ByteView data, const Box& box) { return data.subspan(box.body, box.end - box.body); }

}  // namespace live::hls
