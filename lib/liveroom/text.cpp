// SPDX-License-Identifier: Apache-2.0
#include "liveroom/text.hpp"

#include <cstdint>

namespace live::liveroom {
namespace {

struct CodePoint {
  std::uint32_t value = 0xfffd;
  std::size_t bytes = 1;
};

// The code point at the head of `text`, which is not empty. Overlong forms, surrogates and torn sequences
// give U+FFFD for their first byte.
CodePoint head(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t value = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, size};
}

}  // namespace

std::string bounded_text(std::string_view text, std::size_t max_code_points) {
  std::string out;
  for (std::size_t count = 0; !text.empty() && count < max_code_points;) {
    const CodePoint point = head(text);
    const std::string_view raw = text.substr(0, point.bytes);
    text.remove_prefix(point.bytes);
    if (point.value == '\n' || point.value == '\r' || point.value == '\t') {
      out += ' ';
    } else if (point.value < 0x20 || (point.value >= 0x7f && point.value < 0xa0)) {
      continue;
    } else if (point.value == 0xfffd) {
      out += "\xef\xbf\xbd";
    } else {
      out += raw;
    }
    ++count;
  }
  return out;
}

}  // namespace live::liveroom
