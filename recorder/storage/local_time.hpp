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

}  // namespace live::storage
