// SPDX-License-Identifier: Apache-2.0
// Filters and windows, end to end.
#include "base/time_format.hpp"
#include "integration/recorder/recorder_on_site.hpp"

namespace live::recorder {
namespace {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

// Four seconds before nine in the evening, in Shanghai.
class WindowOnSite : public test::RecorderOnSite {
 protected:
  WindowOnSite() : RecorderOnSite(parse_rfc3339("2026-11-25T20:59:56+08:00").value()) {}
};

TEST_F(WindowOnSite, AFileIsClosedAtTheWindowsEndWhileTheShowGoesOn) {
  config.recording.windows = {{liveroom::every_day, 20 * 60, 21 * 60}};
  start();
  command("live");
  loop.run_until([this] { return recording(); });
  EXPECT_LT(clock.wall_now(), parse_rfc3339("2026-11-25T21:00:00+08:00").value());
  loop.run_until([this] { return recording_reason() == reason::outside_window; });
  EXPECT_EQ(condition(ConditionType::live).status, ConditionStatus::yes);
  EXPECT_EQ(condition(ConditionType::recording).message, "the next window begins at 2026-11-26T12:00:00Z");
  EXPECT_EQ(files(".flv"), std::vector<std::string>{"1.flv"});
  EXPECT_TRUE(files(".part").empty());
  ASSERT_TRUE(board.status().last_recording);
  EXPECT_EQ(board.status().last_recording->end_reason, "OutsideWindow");
  EXPECT_LT(clock.wall_now(), parse_rfc3339("2026-11-25T21:00:04+08:00").value());
}

TEST_F(WindowOnSite, AShowThatIsLiveWhenTheWindowBeginsIsRecordedFromThen) {
  config.recording.windows = {{liveroom::every_day, 21 * 60, 22 * 60}};
  start();
  command("live");
  loop.run_until([this] { return recording_reason() == reason::outside_window; });
  loop.run_until([this] { return recording(); });
  EXPECT_GE(clock.wall_now(), parse_rfc3339("2026-11-25T21:00:00+08:00").value());
}

TEST_F(WindowOnSite, AFilterFollowsTheTitleOfTheRoom) {
  config.recording.skip_titles = {"重播"};
  start();
  command("change", {{"title", "昨天的重播"}});
  command("live");
  loop.run_until([this] { return recording_reason() == reason::filtered; });
  EXPECT_EQ(condition(ConditionType::live).status, ConditionStatus::yes);
  command("change", {{"title", "新节目"}});
  loop.run_until([this] { return recording(); });
  command("change", {{"title", "又是重播"}});
  loop.run_until([this] { return recording_reason() == reason::filtered; });
  EXPECT_EQ(files(".flv"), std::vector<std::string>{"1.flv"});
}

}  // namespace
}  // namespace live::recorder
