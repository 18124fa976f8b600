// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>

#include "recorder/storage/file_name.hpp"

namespace live::storage {
namespace {

constexpr char32_t broken = 0xFFFD;

// One code point from the front; broken bytes give U+FFFD and are passed over one by one.
char32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80       ? 1
                             : lead >> 5 == 6  ? 2
                             : lead >> 4 == 14 ? 3
                             : lead >> 3 == 30 ? 4
                                               : 0;
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
  bool good = length != 0 && length <= text.size();
  for (std::size_t i = 1; good && i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    good = next >> 6 == 2;
    point = point << 6 | (next & 0x3FU);
  }
  good = good && point >= smallest[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  text.remove_prefix(good ? length : 1);
  return good ? point : broken;
}

void put_code_point(std::string& out, char32_t point) {
  const auto byte = [&out](char32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

bool in(char32_t point, char32_t first, char32_t last) { return point >= first && point <= last; }

// Marks that are not seen but make two names that look alike differ, or turn their order around.
bool is_invisible(char32_t point) {
  return point == 0xAD || in(point, 0x200B, 0x200F) || in(point, 0x202A, 0x202E) ||
         in(point, 0x2060, 0x206F) || point == 0xFEFF || in(point, 0xE0000, 0xE007F);
}

bool is_forbidden(char32_t point) {
  if (point < 0x20 || in(point, 0x7F, 0x9F) || point == 0x2028 || point == 0x2029 || point == broken)
    return true;
  return point < 0x80 &&
         std::string_view("\\/:*?\"<>|").find(static_cast<char>(point)) != std::string_view::npos;
}

bool is_blank(char32_t point) { return point == ' ' || point == '.' || point == 0xA0 || point == 0x3000; }

// CON, NUL, COM1 …: names that Windows keeps for devices, whatever follows a dot.
bool is_device(std::string_view name) {
  std::string base(name.substr(0, name.find('.')));
  std::transform(base.begin(), base.end(), base.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (base == "CON" || base == "PRN" || base == "AUX" || base == "NUL") return true;
  return base.size() == 4 && (base.starts_with("COM") || base.starts_with("LPT")) && base[3] >= '1' &&
         base[3] <= '9';
}

void trim_end(std::string& name) {
  while (!name.empty()) {
    std::size_t start = name.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(name[start]) & 0xC0) == 0x80) --start;
    std::string_view last = std::string_view(name).substr(start);
    if (!is_blank(take_code_point(last))) return;
    name.resize(start);
  }
}

}  // namespace

std::string sanitize_component(std::string_view text, std::size_t max_bytes) {
  std::string name;
  while (!text.empty()) {
    char32_t point = take_code_point(text);
    if (is_invisible(point)) continue;
    if (is_forbidden(point)) point = '_';
    if (name.empty() && is_blank(point)) continue;
    std::string encoded;
    put_code_point(encoded, point);
    if (name.size() + encoded.size() > max_bytes) break;
    name += encoded;
  }
  trim_end(name);
  if (is_device(name)) {
    name.insert(name.begin(), '_');
    if (name.size() > max_bytes) name.pop_back();
  }
  return name.empty() ? "_" : name;
}

}  // namespace live::storage
