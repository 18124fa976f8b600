// SPDX-License-Identifier: Apache-2.0
#include "simulator/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>

#include "base/time_format.hpp"

namespace live::simulator {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Query parse_query(std::string_view raw) {
  Query query;
  while (!raw.empty()) {
    const std::string_view part = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(raw.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    query.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(value));
  }
  return query;
}

std::optional<std::string> find(const Query& query, std::string_view key) {
  for (const auto& [name, value] : query)
    if (name == key) return value;
  return std::nullopt;
}

std::optional<std::int64_t> to_int(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> find_int(const Query& query, std::string_view key) {
  const auto text = find(query, key);
  return text ? to_int(*text) : std::nullopt;
}

std::optional<std::string> find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view part = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), part.size() + 1));
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == name)
      return std::string(part.substr(equals + 1));
  }
  return std::nullopt;
}

std::string clip(std::string text, std::size_t size) {
  if (text.size() > size) text.resize(size);
  return text;
}

std::string md5_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::int64_t to_ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::int64_t to_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string site_time(WallTime time) {
  std::string text = format_rfc3339(time + std::chrono::hours(8));
  text[10] = ' ';
  text.resize(19);
  return text;
}

}  // namespace live::simulator
