// SPDX-License-Identifier: Apache-2.0
#include "recorder/cookie.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace live::recorder {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view header_name = "cookie:";
constexpr std::string_view session_name = "SESSDATA";
constexpr std::int64_t first_expiry = 1'000'000'000;  // unix seconds; an earlier number is something else
constexpr std::int64_t last_expiry = 9'000'000'000;

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool has_prefix(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

// "<hash>,<unix seconds>,<more>", with the commas as they are or as %2C.
std::optional<WallTime> expiry_of(std::string_view session) {
  std::string value(session);
  for (std::size_t at = value.find('%'); at != std::string::npos; at = value.find('%', at + 1)) {
    if (value.compare(at, 3, "%2C") == 0 || value.compare(at, 3, "%2c") == 0) value.replace(at, 3, ",");
  }
  const std::size_t first = value.find(',');
  if (first == std::string::npos) return std::nullopt;
  const std::size_t second = std::min(value.find(',', first + 1), value.size());
  std::int64_t seconds = 0;
  const char* end = value.data() + second;
  const auto [parsed, error] = std::from_chars(value.data() + first + 1, end, seconds);
  if (error != std::errc() || parsed != end || seconds < first_expiry || seconds > last_expiry)
    return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

Result<Cookie> parse_cookie(std::string_view file) {
  if (file.size() > max_cookie_bytes) return failure("it is longer than 16 KiB");
  std::string_view rest = trim(file);
  if (has_prefix(rest, header_name)) rest = trim(rest.substr(header_name.size()));
  if (rest.empty()) return failure("it is empty");
  Cookie cookie;
  bool has_session = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(";\r\n"), rest.size());
    const std::string_view pair = trim(rest.substr(0, end));
    rest = rest.substr(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || !is_printable(pair)) {
      return failure("it is no list of NAME=VALUE; NAME=VALUE");
    }
    if (pair.substr(0, equals) == session_name && equals + 1 < pair.size()) {
      has_session = true;
      cookie.expires = expiry_of(pair.substr(equals + 1));
    }
    if (!cookie.text.empty()) cookie.text += "; ";
    cookie.text += pair;
  }
  if (!has_session) return failure("SESSDATA is missing");
  return cookie;
}

}  // namespace live::recorder
