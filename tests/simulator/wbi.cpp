// SPDX-License-Identifier: Apache-2.0
#include "simulator/wbi.hpp"

#include <algorithm>
#include <array>

#include "net/url.hpp"
#include "simulator/text.hpp"

namespace live::simulator {
namespace {

constexpr std::array<std::uint8_t, 32> mixin_order = {46, 47, 18, 2,  53, 8,  23, 32, 15, 50, 10,
                                                      31, 58, 3,  45, 35, 27, 43, 5,  49, 33, 9,
                                                      42, 19, 29, 28, 14, 39, 12, 38, 41, 13};

std::string without_dropped_characters(std::string value) {
  std::erase_if(value, [](char c) { return std::string_view("!'()*").find(c) != std::string_view::npos; });
  return value;
}

}  // namespace

std::string WbiKeys::mixin() const {
  const std::string raw = image + sub;
  std::string key;
  for (const std::uint8_t at : mixin_order) key += at < raw.size() ? raw[at] : '0';
  return key;
}

WbiVerdict check_wbi(std::string_view raw_query, const WbiKeys& keys, WallTime now) {
  Query query = parse_query(raw_query);
  const auto given = find(query, "w_rid");
  const auto time = find_int(query, "wts");
  if (!given && !find(query, "wts")) return WbiVerdict::absent;
  if (!given || !time) return WbiVerdict::wrong;
  std::erase_if(query, [](const auto& part) { return part.first == "w_rid"; });
  std::stable_sort(query.begin(), query.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [key, value] : query) {
    if (!text.empty()) text += '&';
    text += net::percent_encode(key) + '=' + net::percent_encode(without_dropped_characters(value));
  }
  if (md5_hex(text + keys.mixin()) != *given) return WbiVerdict::wrong;
  const std::int64_t distance = to_seconds(now) - *time;
  return std::abs(distance) > wbi_window.count() ? WbiVerdict::old : WbiVerdict::good;
}

}  // namespace live::simulator
