// SPDX-License-Identifier: Apache-2.0
#include "base/time_format.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <sstream>

namespace live {
namespace {

std::string format_parts(WallTime time, bool micro) {
  const auto days = date::floor<date::days>(time);
  const date::year_month_day day(days);
  const date::hh_mm_ss clock(date::floor<std::chrono::microseconds>(time - days));
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(day.year()),
                                 static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (micro) text += fmt::format(".{:06}", clock.subseconds().count());
  return text + "Z";
}

// The number that is all of `text`; -1 when it isn't one.
int number(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "2026-01-31T23:59:58Z", the form of every time in a Kubernetes object; a stream costs a hundred times as
// much.
std::optional<WallTime> parse_utc_seconds(std::string_view text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != 'Z')
    return std::nullopt;
  const int year = number(text.substr(0, 4));
  const int month = number(text.substr(5, 2));
  const int day = number(text.substr(8, 2));
  const int hour = number(text.substr(11, 2));
  const int minute = number(text.substr(14, 2));
  const int second = number(text.substr(17, 2));
  if (year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59)
    return std::nullopt;
  const date::year_month_day date(date::year(year), date::month(static_cast<unsigned>(month)),
                                  date::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::time_point_cast<WallTime::duration>(date::sys_days(date) + std::chrono::hours(hour) +
                                                          std::chrono::minutes(minute) +
                                                          std::chrono::seconds(second));
}

}  // namespace

std::string format_rfc3339(WallTime time) { return format_parts(time, false); }
std::string format_rfc3339_micro(WallTime time) { return format_parts(time, true); }

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (const auto time = parse_utc_seconds(text)) return time;
  for (const char* format : {"%FT%TZ", "%FT%T%Ez"}) {
    std::istringstream in{std::string(text)};
    date::sys_time<std::chrono::nanoseconds> time;
    in >> date::parse(format, time);
    if (!in.fail() && in.peek() == std::char_traits<char>::eof()) {
      return std::chrono::time_point_cast<WallTime::duration>(time);
    }
  }
  return std::nullopt;
}

}  // namespace live
