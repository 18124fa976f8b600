// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/local_time.hpp"

#include <date/tz.h>

#include <exception>

namespace live::storage {
namespace {

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

bool is_time_zone(const std::string& name) { return find_zone(name) != nullptr; }

LocalTime local_time(WallTime time, const std::string& zone) {
  const auto utc = date::floor<std::chrono::seconds>(time);
  std::chrono::seconds offset{0};
  if (const date::time_zone* found = find_zone(zone)) offset = found->get_info(utc).offset;
  const date::sys_seconds shifted = utc + offset;
  const date::sys_days days = date::floor<date::days>(shifted);
  const date::year_month_day date(days);
  const date::hh_mm_ss<std::chrono::seconds> clock(shifted - days);
  LocalTime result;
  result.year = static_cast<int>(date.year());
  result.month = static_cast<int>(static_cast<unsigned>(date.month()));
  result.day = static_cast<int>(static_cast<unsigned>(date.day()));
  result.weekday = static_cast<int>(date::weekday(days).c_encoding());
  result.hour = static_cast<int>(clock.hours().count());
  result.minute = static_cast<int>(clock.minutes().count());
  result.second = static_cast<int>(clock.seconds().count());
  result.offset_seconds = static_cast<int>(offset.count());
  return result;
}

WallTime local_instant(const LocalTime& day, int days, int minute, const std::string& zone,
                       Repeated repeated) {
  const date::year_month_day date(date::year(day.year), date::month(static_cast<unsigned>(day.month)),
                                  date::day(static_cast<unsigned>(day.day)));
  const date::local_seconds local =
      date::local_days(date) + date::days(days) + std::chrono::minutes(minute) + std::chrono::seconds(0);
  const date::time_zone* found = find_zone(zone);
  if (found == nullptr) return date::sys_seconds(local.time_since_epoch());
  return found->to_sys(local, repeated == Repeated::first ? date::choose::earliest : date::choose::latest);
}

}  // namespace live::storage
