// SPDX-License-Identifier: Apache-2.0
#include "kube/json_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/json.hpp"
#include "kube/string_end.hpp"

namespace live::kube {
namespace {

constexpr std::size_t max_plain_digits = 18;  // below 2^63 whatever they are

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ASCII that stands for itself in a string.
constexpr std::array<bool, 256> plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) table[byte] = byte != '"' && byte != '\\';
  return table;
}();

const char* end_of_plain(const char* at, const char* end) {
  while (at != end && plain[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

Json parse(std::string_view text) { return Json::parse(text, nullptr, /*allow_exceptions=*/false); }

}  // namespace

char JsonScanner::peek() {
  while (at_ != end_ && is_space(*at_)) ++at_;
  return at_ == end_ ? '\0' : *at_;
}

bool JsonScanner::take(char c) {
  if (peek() != c || at_ == end_) return false;
  ++at_;
  return true;
}

std::optional<std::string_view> JsonScanner::string(std::string& buffer) {
  if (!take('"')) return std::nullopt;
  const char* const begin = at_;
  at_ = end_of_plain(at_, end_);
  if (at_ == end_) return std::nullopt;
  if (*at_ != '"') return unescape(begin, buffer);
  return between(begin, at_++);
}

// Escapes by a letter, as in JSON inside of JSON, are put in place here.
std::optional<std::string_view> JsonScanner::unescape(const char* begin, std::string& buffer) {
  static constexpr std::string_view names = "\"\\/bfnrt";
  static constexpr std::string_view values = "\"\\/\b\f\n\r\t";
  buffer.assign(begin, at_);
  while (at_ != end_) {
    const char* const from = at_;
    at_ = end_of_plain(at_, end_);
    buffer.append(from, at_);
    if (at_ == end_) return std::nullopt;
    if (*at_ == '"') {
      ++at_;
      return buffer;
    }
    const std::size_t letter = *at_ == '\\' && end_ - at_ > 1 ? names.find(at_[1]) : std::string_view::npos;
    if (letter == std::string_view::npos) {
      at_ = begin - 1;
      if (!skip_string()) return std::nullopt;
      Json whole = parse(between(begin - 1, at_));
      if (!whole.is_string()) return std::nullopt;
      buffer = std::move(whole.get_ref<std::string&>());
      return buffer;
    }
    buffer += values[letter];
    at_ += 2;
  }
  return std::nullopt;
}

std::optional<Json> JsonScanner::literal() {
  peek();
  const char* const begin = at_;
  skip_literal();
  const std::string_view text = between(begin, at_);
  const bool simple = !text.empty() && text.size() <= max_plain_digits &&
                      (text[0] != '0' || text.size() == 1) && std::all_of(text.begin(), text.end(), is_digit);
  if (!simple) {
    // To the library a zero byte is the end of the text, whatever comes behind it.
    if (text.find('\0') != std::string_view::npos) return std::nullopt;
    Json value = parse(text);
    if (value.is_discarded() || value.is_string() || value.is_structured()) return std::nullopt;
    return value;
  }
  std::uint64_t value = 0;
  for (const char digit : text) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return Json(value);
}

// Up to what may follow it.
void JsonScanner::skip_literal() {
  while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && !is_space(*at_)) ++at_;
}

// From the opening quote to behind the closing one.
bool JsonScanner::skip_string() {
  StringEnd state;
  at_ = find_string_end(at_ + 1, end_, state);
  return state.found;
}

bool JsonScanner::skip() {
  const char first = peek();
  if (first == '"') return skip_string();
  if (first != '{' && first != '[') {
    const char* const begin = at_;
    skip_literal();
    return at_ != begin;
  }
  std::size_t depth = 0;
  while (at_ != end_) {
    const char c = *at_;
    if (c == '"') {
      if (!skip_string()) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

}  // namespace live::kube
