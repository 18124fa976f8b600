// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/utf8.hpp"

#include <algorithm>

namespace live::storage {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t size_by_first(unsigned char c) {
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return 2;
  if (c >= 0xE0 && c <= 0xEF) return 3;
  if (c >= 0xF0 && c <= 0xF4) return 4;
  return 0;
}

}  // namespace

char32_t next_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = size_by_first(first);
  if (size == 1) {
    text.remove_prefix(1);
    return first;
  }
  if (size == 0 || size > text.size() ||
      !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), is_continuation)) {
    text.remove_prefix(1);
    return invalid_code_point;
  }
  char32_t value = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  constexpr char32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    text.remove_prefix(1);
    return invalid_code_point;
  }
  text.remove_prefix(size);
  return value;
}

std::size_t last_code_point_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && size < 4 && is_continuation(text[text.size() - size])) ++size;
  return is_continuation(text[text.size() - size]) ? 1 : size;
}

std::string_view cut_at_code_point(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t size = max_bytes;
  while (size > 0 && is_continuation(text[size])) --size;
  return text.substr(0, size);
}

}  // namespace live::storage
