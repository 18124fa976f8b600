// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/box.hpp"

namespace live::hls {
namespace {

constexpr std::size_t short_header = 8;
constexpr std::size_t long_header = 16;  // with a 64-bit size

}  // namespace

std::optional<Box> BoxWalker::next() {
  const std::size_t left = end_ - at_;
  if (left < short_header) return std::nullopt;
  std::uint64_t size = load_u32(data_.data() + at_);
  Box box;
  box.type = load_u32(data_.data() + at_ + 4);
  box.begin = at_;
  std::size_t header = short_header;
  if (size == 1) {
    if (left < long_header) return std::nullopt;
    size = load_u64(data_.data() + at_ + short_header);
    header = long_header;
  }
  // Size 0, "up to the end of the file", is no size for what grows.
  if (size < header || size > left) return std::nullopt;
  box.body = at_ + header;
  box.end = at_ + static_cast<std::size_t>(size);
  at_ = box.end;
  return box;
}

std::optional<Box> find_box(ByteView data, const Box& parent, std::uint32_t type) {
  BoxWalker children(data, parent);
  while (const std::optional<Box> child = children.next()) {
    if (child->type == type) return child;
  }
  return std::nullopt;
}

}  // namespace live::hls
