// SPDX-License-Identifier: Apache-2.0
// Small text tools: query strings, digests, cookies. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace live::simulator {

using Query = std::vector<std::pair<std::string, std::string>>;  // decoded, in the order of the URL

// As servers read query strings: "+" is a space too.
std::string percent_decode(std::string_view text);
Query parse_query(std::string_view raw);
std::optional<std::string> find(const Query& query, std::string_view key);
std::optional<std::int64_t> find_int(const Query& query, std::string_view key);
std::optional<std::int64_t> to_int(std::string_view text);

// The value of a cookie in a Cookie header.
std::optional<std::string> find_cookie(std::string_view header, std::string_view name);

// For logs that live long: headers can be large.
std::string clip(std::string text, std::size_t size = 300);

std::string md5_hex(std::string_view text);  // lower case

std::int64_t to_ms(WallTime time);
std::int64_t to_seconds(WallTime time);
// "2026-11-25 08:38:20" in UTC+8, the way the site writes times as text.
std::string site_time(WallTime time);

}  // namespace live::simulator
