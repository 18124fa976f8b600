// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/segment_record.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "recorder/storage/recording_manifest.hpp"

namespace live::recorder {
namespace {

const WallTime opened(std::chrono::seconds(1'700'000'000));

ShowFacts facts() {
  ShowFacts facts;
  facts.session = "s";
  facts.part = 2;
  facts.show.key = "key";
  facts.room.room_id = 23058;
  facts.room.title = "first";
  facts.room.anchor = "anchor";
  facts.quality = "原画";
  return facts;
}

SegmentTotals totals() {
  SegmentTotals totals;
  totals.end = opened + std::chrono::seconds(60);
  totals.duration_ms = 59'000;
  totals.bytes = 1000;
  totals.lost_ms = 500;
  totals.codec = "avc";
  totals.danmaku_written = 7;
  return totals;
}

TEST(SegmentRecordTest, IsAManifestAndTellsTheRest) {
  SegmentRecord record(facts(), opened);
  bilibili::RoomInfo room = facts().room;
  record.room(room, 10, opened);  // nothing new
  room.title = "second";
  record.room(room, 20'000, opened + std::chrono::seconds(20));
  flv::Finding gap;
  gap.kind = flv::FindingKind::gap;
  gap.lost_ms = 500;
  gap.file_time = 30'000;
  record.finding(gap, opened + std::chrono::seconds(30));
  flv::Finding other;
  other.kind = flv::FindingKind::header_repeated;
  record.finding(other, opened);
  const std::string text = record.text(totals(), {"x.flv", "x.xml"});
  const auto manifest = storage::read_manifest(text, "x");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->session, "s");
  EXPECT_EQ(manifest->part, 2);
  EXPECT_EQ(manifest->start, opened);
  EXPECT_EQ(manifest->end, totals().end);
  EXPECT_EQ(manifest->files, (std::vector<std::string>{"x.flv", "x.xml"}));
  const Json json = parse_json(text);
  EXPECT_EQ(json["titles"].size(), 2u);
  EXPECT_EQ(json["titles"][1]["title"], "second");
  EXPECT_EQ(json["titles"][1]["fileMs"], 20'000);
  EXPECT_EQ(json["gaps"].size(), 1u);
  EXPECT_EQ(json["gaps"][0]["lostMs"], 500);
  EXPECT_EQ(json["findings"]["header_repeated"], 1);
  EXPECT_EQ(json["danmaku"]["written"], 7);
  EXPECT_EQ(json["quality"], "原画");
  EXPECT_EQ(json["durationMs"], 59'000);
}

TEST(SegmentRecordTest, TellsWhatBecameOfSegments) {
  SegmentRecord record(facts(), opened);
  hls::Finding gap;
  gap.kind = hls::FindingKind::window_passed;
  gap.file_ms = 4000;
  gap.lost_ms = 2500;
  gap.lost_is_estimated = true;
  record.finding(gap, opened + std::chrono::seconds(7));
  for (const auto kind : {hls::FindingKind::check_failed, hls::FindingKind::check_failed,
                          hls::FindingKind::configuration_changed, hls::FindingKind::sequence_restarted}) {
    hls::Finding other;
    other.kind = kind;
    record.finding(other, opened);
  }
  const Json json = parse_json(record.text(totals(), {"x.mp4"}));
  EXPECT_EQ(json["findings"], parse_json(R"({"window_passed": 1, "check_failed": 2,
    "configuration_changed": 1, "sequence_restarted": 1})"));
  EXPECT_EQ(json["gaps"], parse_json(R"([{"kind": "window_passed", "fileMs": 4000, "lostMs": 2500,
    "estimated": true, "time": "2023-11-14T22:13:27.000000Z"}])"));
}

TEST(SegmentRecordTest, IsBoundedWhateverHappens) {
  SegmentRecord record(facts(), opened);
  for (int i = 0; i < 5000; ++i) {
    bilibili::RoomInfo room;
    room.title = std::to_string(i);
    record.room(room, i, opened);
    flv::Finding gap;
    gap.kind = flv::FindingKind::gap;
    gap.lost_ms = 1;
    record.finding(gap, opened);
  }
  const Json json = parse_json(record.text(totals(), {"x.flv"}));
  EXPECT_EQ(json["titles"].size(), SegmentRecord::max_titles);
  EXPECT_EQ(json["gaps"].size(), SegmentRecord::max_gaps);
  EXPECT_EQ(json["gapsNotKept"], 4000);
}

TEST(SegmentRecordTest, ComesFromTheJournalAfterAnUncleanEnd) {
  const std::string text = record_of_journal(
      R"({"session":"s","part":3,"opened":"2023-11-14T22:13:20.000000Z","title":"t","roomId":5,"showKey":"k",
      "findings":[{"kind":"jump","fileMs":1},{"kind":"gap","fileMs":2,"lostMs":3,"estimated":true,"wall":"w"},7]})",
      totals(), {"x.flv"});
  const auto manifest = storage::read_manifest(text, "x");
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->part, 3);
  EXPECT_EQ(manifest->start, opened);
  const Json json = parse_json(text);
  EXPECT_EQ(json["titles"][0]["title"], "t");
  EXPECT_EQ(json["showKey"], "k");
  EXPECT_EQ(json["findings"], parse_json(R"({"gap": 1, "jump": 1})"));
  EXPECT_EQ(json["gaps"],
            parse_json(R"([{"kind": "gap", "fileMs": 2, "lostMs": 3, "estimated": true, "time": "w"}])"));
  EXPECT_EQ(record_of_journal("", totals(), {}), "");
  EXPECT_EQ(record_of_journal("{\"session\":5}", totals(), {}), "");
}

}  // namespace
}  // namespace live::recorder
