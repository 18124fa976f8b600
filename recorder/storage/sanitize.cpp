// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "recorder/storage/file_name.hpp"
#include "recorder/storage/utf8.hpp"

namespace live::storage {
namespace {

constexpr std::string_view reserved = "/\\:*?\"<>|";
constexpr char32_t ideographic_space = 0x3000;

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that show nothing, or turn the direction of what follows.
constexpr std::array<Range, 13> invisible{{{0x00AD, 0x00AD},
                                           {0x034F, 0x034F},
                                           {0x061C, 0x061C},
                                           {0x115F, 0x1160},
                                           {0x17B4, 0x17B5},
                                           {0x180B, 0x180F},
                                           {0x200B, 0x200F},
                                           {0x202A, 0x202E},
                                           {0x2060, 0x206F},
                                           {0x3164, 0x3164},
                                           {0xFE00, 0xFE0F},
                                           {0xFEFF, 0xFEFF},
                                           {0xE0000, 0xE0FFF}}};

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || (c >= 0xFFF0 && c <= 0xFFFB) ||
         (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

bool is_invisible(char32_t c) {
  return std::ranges::any_of(invisible,
                             [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_blank_or_dot(char32_t c) { return c == ' ' || c == '.' || c == 0x00A0 || c == ideographic_space; }

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

// CON, NUL.txt, com1, COM¹ …: Windows opens a device in place of a file, also with blanks before the dot.
bool is_device(std::string_view name) {
  std::string base = upper(name.substr(0, name.find('.')));
  base.erase(base.find_last_not_of(' ') + 1);
  constexpr auto plain = std::to_array<std::string_view>({"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"});
  if (std::ranges::find(plain, base) != plain.end()) return true;
  if (!base.starts_with("COM") && !base.starts_with("LPT")) return false;
  const std::string number = base.substr(3);
  if (number == "\xC2\xB9" || number == "\xC2\xB2" || number == "\xC2\xB3") return true;  // ¹ ² ³
  return number.size() == 1 && number[0] >= '0' && number[0] <= '9';
}

std::string trimmed(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view ahead = rest;
    if (!is_blank_or_dot(next_code_point(ahead))) break;
    rest = ahead;
  }
  while (!rest.empty()) {
    const std::size_t size = last_code_point_size(rest);
    std::string_view last = rest.substr(rest.size() - size);
    if (!is_blank_or_dot(next_code_point(last))) break;
    rest.remove_suffix(size);
  }
  return std::string(rest);
}

}  // namespace

std::string sanitize_component(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = next_code_point(text);
    if (c == invalid_code_point || is_control(c) ||
        (c < 0x80 && reserved.find(static_cast<char>(c)) != std::string_view::npos)) {
      clean += '_';
    } else if (!is_invisible(c)) {
      clean += before.substr(0, before.size() - text.size());
    }
  }
  clean = trimmed(clean);
  if (is_device(clean)) clean.insert(0, "_");
  clean = trimmed(cut_at_code_point(clean, max_bytes));
  return clean.empty() ? "_" : clean;
}

}  // namespace live::storage
