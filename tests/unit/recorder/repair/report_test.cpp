// SPDX-License-Identifier: Apache-2.0
#include "recorder/repair/report.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "recorder/repair/progress.hpp"

namespace live::recorder {
namespace {

using flv::FindingKind;

RepairReport example() {
  RepairReport report;
  report.add_input({"a.flv", 3 << 20});
  report.add_input({"b.flv", 512});
  PlacedFinding jump;
  jump.finding.kind = FindingKind::jump;
  jump.finding.raw_before = 5000;
  jump.finding.raw_after = -7;
  jump.finding.file_time = 3'723'000;
  jump.position = 4096;
  report.add(jump);
  PlacedFinding gap;
  gap.finding.kind = FindingKind::gap;
  gap.finding.lost_ms = 1500;
  gap.finding.lost_is_estimated = true;
  gap.input = 1;
  report.add(gap);
  PlacedFinding straggler;
  straggler.finding.kind = FindingKind::straggler;
  report.add(straggler);
  report.add(straggler);
  report.add_file({"out/a.flv", 4000, 61'500, 77, flv::CloseReason::end});
  return report;
}

TEST(RepairReport, IsReadable) {
  EXPECT_EQ(example().text(true),
            "a.flv  3.0 MiB\n"
            "   1:02:03  jump                   source time 5000 to -7 ms\n"
            "b.flv  512 B\n"
            "   0:00:00  gap                    source time 0 to 0 ms, about 1500 ms lost\n"
            "found: jump 1, straggler 2, gap 1\n"
            "wrote out/a.flv  0:01:01  3.9 KiB\n");
}

TEST(RepairReport, SaysWhenThereIsNothing) {
  RepairReport report;
  report.add_input({"a.flv", 100});
  EXPECT_TRUE(report.found_nothing());
  EXPECT_EQ(report.text(false), "a.flv  100 B\nnothing to repair\nno media in it: no file\n");
}

TEST(RepairReport, IsOneJsonObject) {
  const std::string text = example().json(false);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const Json json = parse_json(text);
  EXPECT_EQ(json["written"], false);
  EXPECT_EQ(json["inputs"][1]["file"], "b.flv");
  EXPECT_EQ(json["files"][0]["durationMs"], 61'500);
  EXPECT_EQ(json["files"][0]["closeReason"], "end");
  EXPECT_EQ(json["counts"]["straggler"], 2);
  ASSERT_EQ(json["findings"].size(), 2U);  // stragglers are counted only
  EXPECT_EQ(json["findings"][0]["kind"], "jump");
  EXPECT_EQ(json["findings"][0]["position"], 4096);
  EXPECT_EQ(json["findings"][0]["fileMs"], 3'723'000);
  EXPECT_EQ(json["findings"][1]["estimated"], true);
  EXPECT_EQ(json["lostMs"], 1500);
}

TEST(RepairReport, KeepsItsBound) {
  RepairReport report;
  report.add_input({"a.flv", 1});
  PlacedFinding jump;
  jump.finding.kind = FindingKind::jump;
  for (std::size_t i = 0; i < RepairReport::most_findings + 5; ++i) report.add(jump);
  const Json json = parse_json(report.json(true));
  EXPECT_EQ(json["findings"].size(), RepairReport::most_findings);
  EXPECT_EQ(json["findingsNotKept"], 5);
  EXPECT_EQ(json["counts"]["jump"], RepairReport::most_findings + 5);
}

TEST(RepairProgress, ShowsShareAndSpeed) {
  EXPECT_EQ(progress_text(0, 0, std::chrono::milliseconds(0)),
            "[##############################] 100 %  0 B of 0 B");
  EXPECT_EQ(progress_text(1 << 20, 4 << 20, std::chrono::milliseconds(500)),
            "[#######                       ]  25 %  1.0 MiB of 4.0 MiB  2.0 MiB/s");
}

}  // namespace
}  // namespace live::recorder
