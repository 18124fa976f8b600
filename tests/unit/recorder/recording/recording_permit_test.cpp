// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_permit.hpp"

#include <gtest/gtest.h>

#include "base/time_format.hpp"

namespace live::recorder {
namespace {

using liveroom::RecordingSpec;
using liveroom::RecordingWindow;
using liveroom::Weekday;

WallTime at(std::string_view text) { return parse_rfc3339(text).value(); }

bilibili::RoomInfo room_of(std::string title, std::string area, std::string parent) {
  bilibili::RoomInfo room;
  room.title = std::move(title);
  room.area = std::move(area);
  room.parent_area = std::move(parent);
  return room;
}

RecordingWindow window(int from_hour, int to_hour, std::vector<Weekday> days = liveroom::every_day) {
  return RecordingWindow{std::move(days), from_hour * 60, to_hour * 60};
}

RecordingSpec windows(std::string zone, std::vector<RecordingWindow> list) {
  RecordingSpec spec;
  spec.time_zone = std::move(zone);
  spec.windows = std::move(list);
  return spec;
}

struct HourCase {
  const char* what;
  RecordingSpec spec;
  const char* now;
  Permit permit;
  const char* until;  // empty: for ever
};

std::vector<HourCase> shanghai_cases() {
  const RecordingSpec evening = windows("Asia/Shanghai", {window(20, 23)});
  const RecordingSpec night = windows("Asia/Shanghai", {window(22, 2)});
  const RecordingSpec friday_night = windows("Asia/Shanghai", {window(22, 2, {Weekday::friday})});
  const RecordingSpec to_midnight = windows("Asia/Shanghai", {window(20, 24)});
  const RecordingSpec two = windows("Asia/Shanghai", {window(20, 23), window(8, 9)});
  const RecordingSpec touching = windows("Asia/Shanghai", {window(20, 24), window(0, 3)});
  const RecordingSpec mondays = windows("Asia/Shanghai", {window(8, 9, {Weekday::monday})});
  return {
      {"no windows", windows("Asia/Shanghai", {}), "2026-11-25T03:00:00Z", Permit::granted, ""},
      {"before", evening, "2026-11-25T11:59:59Z", Permit::outside_window, "2026-11-25T12:00:00Z"},
      {"at the begin", evening, "2026-11-25T12:00:00Z", Permit::granted, "2026-11-25T15:00:00Z"},
      {"just before the end", evening, "2026-11-25T14:59:59Z", Permit::granted, "2026-11-25T15:00:00Z"},
      {"at the end", evening, "2026-11-25T15:00:00Z", Permit::outside_window, "2026-11-26T12:00:00Z"},
      {"before midnight", night, "2026-11-25T15:00:00Z", Permit::granted, "2026-11-25T18:00:00Z"},
      {"after midnight", night, "2026-11-25T17:59:00Z", Permit::granted, "2026-11-25T18:00:00Z"},
      {"after it", night, "2026-11-25T18:00:00Z", Permit::outside_window, "2026-11-26T14:00:00Z"},
      // 2026-11-27 is a Friday; its night goes on into Saturday, Thursday's does not into Friday.
      {"Friday's night on Saturday", friday_night, "2026-11-27T17:00:00Z", Permit::granted,
       "2026-11-27T18:00:00Z"},
      {"not on Friday's morning", friday_night, "2026-11-26T17:00:00Z", Permit::outside_window,
       "2026-11-27T14:00:00Z"},
      {"until midnight", to_midnight, "2026-11-25T15:59:59Z", Permit::granted, "2026-11-25T16:00:00Z"},
      {"not after midnight", to_midnight, "2026-11-25T16:00:00Z", Permit::outside_window,
       "2026-11-26T12:00:00Z"},
      {"the earlier of two", two, "2026-11-25T16:00:00Z", Permit::outside_window, "2026-11-26T00:00:00Z"},
      {"windows that touch are one", touching, "2026-11-25T13:00:00Z", Permit::granted,
       "2026-11-25T19:00:00Z"},
      {"a week later", mondays, "2026-11-23T01:00:00Z", Permit::outside_window, "2026-11-30T00:00:00Z"},
  };
}

std::vector<HourCase> berlin_cases() {
  // Clocks go forward at 2026-03-29T01:00Z (02:00 becomes 03:00), back at 2026-10-25T01:00Z (03:00 becomes
  // 02:00).
  const RecordingSpec night = windows("Europe/Berlin", {window(22, 6)});
  const RecordingSpec left_out = windows("Europe/Berlin", {window(2, 3)});
  const RecordingSpec early = windows("Europe/Berlin", {window(2, 5)});
  return {
      {"the short night", night, "2026-03-28T21:30:00Z", Permit::granted, "2026-03-29T04:00:00Z"},
      {"the long night", night, "2026-10-24T20:30:00Z", Permit::granted, "2026-10-25T05:00:00Z"},
      {"an hour that isn't there", left_out, "2026-03-28T22:00:00Z", Permit::outside_window,
       "2026-03-30T00:00:00Z"},
      {"an hour that is there twice", left_out, "2026-10-25T00:30:00Z", Permit::granted,
       "2026-10-25T02:00:00Z"},
      {"begins when clocks go forward", early, "2026-03-29T00:59:59Z", Permit::outside_window,
       "2026-03-29T01:00:00Z"},
  };
}

void check(const std::vector<HourCase>& cases) {
  for (const HourCase& one : cases) {
    const PermitDecision decision = recording_permit(one.spec, {}, at(one.now));
    EXPECT_EQ(decision.permit, one.permit) << one.what;
    const WallTime until = *one.until == 0 ? WallTime::max() : at(one.until);
    EXPECT_EQ(decision.until, until) << one.what << ": " << format_rfc3339(decision.until);
    EXPECT_EQ(decision.message.empty(), one.permit == Permit::granted) << one.what;
  }
}

TEST(RecordingPermit, FollowsTheHoursOfTheRoomsZone) { check(shanghai_cases()); }
TEST(RecordingPermit, FollowsChangesOfTheClocks) { check(berlin_cases()); }

TEST(RecordingPermit, WindowsThatCoverTheWeekAreOpenForDays) {
  const RecordingSpec always = windows("Asia/Shanghai", {window(0, 24)});
  const WallTime now = at("2026-11-25T03:00:00Z");
  const PermitDecision decision = recording_permit(always, {}, now);
  EXPECT_EQ(decision.permit, Permit::granted);
  EXPECT_GE(decision.until, now + std::chrono::hours(24 * 7));
}

TEST(RecordingPermit, SkipsTitlesAndKeepsToAreas) {
  struct Case {
    std::vector<std::string> skip;
    std::vector<std::string> areas;
    const char* title;
    const char* area;
    const char* parent;
    Permit permit;
  };
  for (const Case& one : std::vector<Case>{
           {{}, {}, "anything", "a", "p", Permit::granted},
           {{"重播", "录像"}, {}, "【录像】昨天的歌会", "a", "p", Permit::filtered},
           {{"重播"}, {}, "今天的歌会", "a", "p", Permit::granted},
           {{"Rerun"}, {}, "rerun", "a", "p", Permit::granted},
           {{}, {"唱见"}, "t", "唱见电台", "电台", Permit::granted},
           {{}, {"电台"}, "t", "唱见电台", "电台", Permit::granted},
           {{}, {"电台"}, "t", "聊天", "电台", Permit::granted},
           {{}, {"游戏"}, "t", "唱见电台", "电台", Permit::filtered},
           {{}, {"游戏"}, "t", "", "", Permit::filtered},
           {{"重播"}, {"电台"}, "重播", "唱见电台", "电台", Permit::filtered},
       }) {
    RecordingSpec spec;
    spec.skip_titles = one.skip;
    spec.only_areas = one.areas;
    const PermitDecision decision =
        recording_permit(spec, room_of(one.title, one.area, one.parent), at("2026-11-25T03:00:00Z"));
    EXPECT_EQ(decision.permit, one.permit) << one.title << one.area;
  }
}

TEST(RecordingPermit, AFilterSpeaksBeforeTheHour) {
  RecordingSpec spec = windows("Asia/Shanghai", {window(20, 23)});
  spec.skip_titles = {"重播"};
  const PermitDecision decision =
      recording_permit(spec, room_of("重播", "a", "p"), at("2026-11-25T03:00:00Z"));
  EXPECT_EQ(decision.permit, Permit::filtered);
  EXPECT_EQ(decision.message, "the title contains \"重播\"");
}

}  // namespace
}  // namespace live::recorder
