// SPDX-License-Identifier: Apache-2.0
#include "recorder/room_target.hpp"

#include <fmt/format.h>

#include <charconv>

namespace live::recorder {
namespace {

constexpr std::int64_t largest_room = 9007199254740991;

void cut_prefix(std::string_view& text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
}

}  // namespace

Result<std::int64_t> parse_room(std::string_view text) {
  const auto refuse = [text] {
    return failure(fmt::format(
        "\"{}\" is neither a room's number nor the address of a room on live.bilibili.com", text));
  };
  std::string_view rest = text;
  cut_prefix(rest, "https://");
  cut_prefix(rest, "http://");
  if (rest.starts_with("live.bilibili.com/")) {
    rest.remove_prefix(std::string_view("live.bilibili.com/").size());
    cut_prefix(rest, "blanc/");
    cut_prefix(rest, "h5/");
    rest = rest.substr(0, rest.find_first_of("?#/"));
  } else if (rest.size() != text.size()) {
    return refuse();
  }
  std::int64_t room = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), room);
  if (error != std::errc() || end != rest.data() + rest.size() || room < 1 || room > largest_room)
    return refuse();
  return room;
}

}  // namespace live::recorder
