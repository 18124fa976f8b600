// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/fields.hpp"

#include "base/json.hpp"
#include "recorder/bilibili/replies.hpp"

namespace live::bilibili {

std::string cut_text(std::string text) {
  if (text.size() > max_text_bytes) {
    std::size_t end = max_text_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  return text;
}

std::string text_at(const Json& value, std::string_view path) {
  return cut_text(json_string(json_at(value, path)).value_or(std::string()));
}

std::int64_t int_at(const Json& value, std::string_view path) {
  return json_int(json_at(value, path)).value_or(0);
}

bool bool_at(const Json& value, std::string_view path) {
  return json_bool(json_at(value, path)).value_or(false);
}

std::optional<WallTime> live_time_at(const Json& value, std::string_view path) {
  const Json& field = json_at(value, path);
  if (field.is_string()) return parse_live_time(field.get_ref<const std::string&>());
  const std::optional<std::int64_t> seconds = json_int(field);
  return seconds ? live_time_from_unix(*seconds) : std::nullopt;
}

std::optional<LiveStatus> live_status_at(const Json& value, std::string_view path) {
  const std::optional<std::int64_t> number = json_int(json_at(value, path));
  if (!number) return std::nullopt;
  if (*number == 1) return LiveStatus::live;
  return *number == 2 ? LiveStatus::rotation : LiveStatus::idle;
}

}  // namespace live::bilibili
