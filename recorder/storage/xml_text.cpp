// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/xml_text.hpp"

#include "recorder/storage/utf8.hpp"

namespace live::storage {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string_view reference_of(char32_t c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return {};
  }
}

// The production Char, without the three that have references. Surrogates are no UTF-8 to begin with.
bool is_allowed(char32_t c) { return c >= 0x20 && c != 0xFFFE && c != 0xFFFF; }

}  // namespace

void append_xml(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = next_code_point(text);
    if (c == invalid_code_point) {
      out += replacement;
    } else if (const std::string_view reference = reference_of(c); !reference.empty()) {
      out += reference;
    } else if (is_allowed(c)) {
      out += before.substr(0, before.size() - text.size());
    }
  }
}

}  // namespace live::storage
