// SPDX-License-Identifier: Apache-2.0
#include "liveroom/recorder_status.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::liveroom {
namespace {
using namespace std::chrono_literals;

const WallTime start{1'700'000'000s};

RecorderStatus full() {
  RecorderStatus status;
  for (const ConditionType type : recorder_conditions)
    set_condition(status.conditions, {.type = type, .status = ConditionStatus::yes, .reason = "A"}, start);
  status.room = RoomStatus{7734200, 6, 123, "anchor", "直播 😀", "area", "parent"};
  status.show = ShowStatus{"key-1", start};
  status.recording = RecordingStatus{"a/b.flv", start, 10000, "avc", "flv", "host", 1 << 20, 60, 2, 1};
  status.last_recording =
      LastRecording{{{"a/c.flv", start, 5, 6, 7}}, 1, start, start + 60s, 5, 6, 7, "Offline"};
  status.last_retention = LastRetention{start, 2, 3};
  status.totals = Totals{1, 2, 3, 4};
  status.recorder = RecorderInfo{"0.1.0", "uid", 3, DrainStatus{"d", DrainAnswer::ready}, start};
  return status;
}

TEST(RecorderStatus, GoesThereAndBack) {
  EXPECT_EQ(recorder_status_from_json(to_json(full())), full());
  EXPECT_EQ(recorder_status_from_json(to_json(RecorderStatus{})), RecorderStatus{});
}

TEST(RecorderStatus, LeavesOutWhatIsAbsent) {
  EXPECT_EQ(dump_json(to_json(RecorderStatus{})),
            R"({"conditions":[],"recorder":{"appliedGeneration":0},)"
            R"("totals":{"bytes":0,"lostSeconds":0,"recordings":0,"seconds":0}})");
}

TEST(RecorderStatus, CutsHostileText) {
  RecorderStatus status = full();
  std::string title;
  for (int i = 0; i < 300; ++i) title += "😀";
  status.room->title = std::string("\x1b\0../", 5) + title;
  status.recording->file = std::string(2000, 'x');
  const Json json = to_json(status);
  EXPECT_EQ(json["room"]["title"].get<std::string>().substr(0, 7), "../😀");
  EXPECT_EQ(json["room"]["title"].get<std::string>().size(), 3 + 253 * 4U);
  EXPECT_EQ(json["recording"]["file"].get<std::string>().size(), 1024U);
  EXPECT_NE(dump_json(json).find("😀"), std::string::npos);  // raw, not escaped
}

TEST(RecorderStatus, KeepsTheNewestFiles) {
  RecorderStatus status;
  status.last_recording.emplace();
  for (int i = 0; i < 60; ++i) status.last_recording->files.push_back({.file = std::to_string(i)});
  const Json json = to_json(status);
  ASSERT_EQ(json["lastRecording"]["files"].size(), 50U);
  EXPECT_EQ(json["lastRecording"]["files"][0]["file"], "10");
}

TEST(RecorderStatus, ReadsOnlyItsOwnPartAndForgivesTheRest) {
  const RecorderStatus status = recorder_status_from_json(parse_json(R"({
    "observedGeneration": 3, "podName": "x", "room": 7, "show": {"key": 5}, "totals": {"bytes": "x"},
    "conditions": [{"type": "Ready", "status": "True", "reason": "A"}, {"type": "Live", "status": "True", "reason": "B"}],
    "lastRecording": {"files": [1, {"file": "a"}]}, "recorder": {"drain": {"id": "d", "answer": "Later"}}})"));
  ASSERT_EQ(status.conditions.size(), 1U);
  EXPECT_EQ(status.conditions[0].reason, "B");
  EXPECT_FALSE(status.room);
  EXPECT_EQ(status.show->key, "");
  EXPECT_EQ(status.last_recording->files.size(), 1U);
  EXPECT_EQ(status.recorder.drain->answer, DrainAnswer::busy);
  EXPECT_EQ(recorder_status_from_json(parse_json("null")), RecorderStatus{});
}

}  // namespace
}  // namespace live::liveroom
