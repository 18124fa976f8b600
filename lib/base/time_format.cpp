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

}  // namespace

std::string format_rfc3339(WallTime time) { return format_parts(time, false); }
std::string format_rfc3339_micro(WallTime time) { return format_parts(time, true); }

std::optional<WallTime> parse_rfc3339(std::string_view text) {
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
