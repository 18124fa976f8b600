// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_permit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/time_format.hpp"
#include "recorder/storage/local_time.hpp"

namespace live::recorder {
namespace {

constexpr int days_ahead = 8;  // the same weekday again, whatever the clocks do
constexpr int minutes_of_day = 24 * 60;

struct Interval {
  WallTime begin;
  WallTime end;
};

// Weekdays of local times count from Sunday, those of the spec from Monday.
liveroom::Weekday weekday_of(const storage::LocalTime& day, int days) {
  return static_cast<liveroom::Weekday>((day.weekday + 6 + days + 7) % 7);
}

std::vector<Interval> intervals_around(const liveroom::RecordingSpec& spec, WallTime now) {
  const storage::LocalTime today = storage::local_time(now, spec.time_zone);
  std::vector<Interval> intervals;
  for (int day = -1; day <= days_ahead; ++day) {
    for (const liveroom::RecordingWindow& window : spec.windows) {
      if (std::ranges::find(window.days, weekday_of(today, day)) == window.days.end()) continue;
      const int to =
          window.to_minute <= window.from_minute ? window.to_minute + minutes_of_day : window.to_minute;
      const Interval interval{
          storage::local_instant(today, day, window.from_minute, spec.time_zone, storage::Repeated::first),
          storage::local_instant(today, day + to / minutes_of_day, to % minutes_of_day, spec.time_zone,
                                 storage::Repeated::second)};
      if (interval.begin < interval.end) intervals.push_back(interval);
    }
  }
  std::ranges::sort(intervals, {}, &Interval::begin);
  return intervals;
}

PermitDecision by_hour(const liveroom::RecordingSpec& spec, WallTime now) {
  PermitDecision decision;
  if (spec.windows.empty()) return decision;
  WallTime open_until = now;
  decision.permit = Permit::outside_window;
  for (const Interval& interval : intervals_around(spec, now)) {
    if (interval.begin <= open_until && interval.end > open_until) {
      decision.permit = Permit::granted;  // windows that touch are one
      open_until = interval.end;
    } else if (interval.begin > open_until && decision.permit == Permit::outside_window) {
      decision.until = interval.begin;
      decision.message = fmt::format("the next window begins at {}", format_rfc3339(interval.begin));
      return decision;
    }
  }
  if (decision.permit == Permit::granted) {
    decision.until = open_until;
  } else {
    // The only window falls into an hour that the clocks leave out.
    decision.until = now + std::chrono::hours(24);
    decision.message = "no window begins within a week";
  }
  return decision;
}

const std::string* first_within(const std::vector<std::string>& texts, const std::string& whole) {
  const auto found = std::ranges::find_if(
      texts, [&](const std::string& text) { return !text.empty() && whole.find(text) != std::string::npos; });
  return found == texts.end() ? nullptr : &*found;
}

}  // namespace

PermitDecision recording_permit(const liveroom::RecordingSpec& spec, const bilibili::RoomInfo& room,
                                WallTime now) {
  PermitDecision decision = by_hour(spec, now);
  if (const std::string* skipped = first_within(spec.skip_titles, room.title)) {
    decision.permit = Permit::filtered;
    decision.message = fmt::format("the title contains \"{}\"", *skipped);
  } else if (!spec.only_areas.empty() && first_within(spec.only_areas, room.area) == nullptr &&
             first_within(spec.only_areas, room.parent_area) == nullptr) {
    decision.permit = Permit::filtered;
    decision.message = fmt::format("the area \"{}\" of \"{}\" is not wanted", room.area, room.parent_area);
  }
  return decision;
}

}  // namespace live::recorder
