// SPDX-License-Identifier: Apache-2.0
// Wall-clock times of a named zone, by the system's zone data.
#pragma once
#include <string>

#include "base/clock.hpp"

namespace live::storage {

struct LocalTime {
  int year = 0;
  int month = 1;    // 1 … 12
  int day = 1;      // 1 … 31
  int weekday = 0;  // 0 = Sunday
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset_seconds = 0;  // east of UTC
};

// An IANA name such as "Asia/Shanghai".
bool is_time_zone(const std::string& name);

// UTC when there is no such zone.
LocalTime local_time(WallTime time, const std::string& zone);

// Which of two instants is meant when clocks are put back and a local time comes twice.
enum class Repeated { first, second };

// The instant at which that zone's clocks show `minute` of the given day moved on by `days`; `minute` may be
// 1440 (the end of the day). A time that is left out when clocks are put forward is the moment of that.
WallTime local_instant(const LocalTime& day, int days, int minute, const std::string& zone,
                       Repeated repeated);

}  // namespace live::storage
