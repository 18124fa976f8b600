// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recorder_state.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::recorder {
namespace {

TEST(RecorderState, ComesBackAsItWasKept) {
  RecorderState state;
  state.api.buvid3 = "D9656DA8infoc";
  state.api.wbi_key = "k";
  state.api.wbi_time = WallTime(std::chrono::seconds(1'700'000'000));
  state.last.session = "session";
  state.last.next_part = 3;
  state.last.show = {"key", WallTime(std::chrono::seconds(1'600'000'000))};
  state.last.file = "a/x.flv.part";
  state.last.file_before = "a/w.flv";
  state.last.ended = true;
  RecordingTail& tail = state.last.tail;
  tail.tags = {{0x0123456789abcdef, 1, flv::Frame::key},
               {UINT64_MAX, 0x7fffff, flv::Frame::inter},
               {0, 0, flv::Frame::audio}};
  tail.last_time = {4000, std::nullopt};
  tail.source_offset = -77;
  tail.zero_wall_ms = 1'600'000'000'123;
  tail.written = WallTime(std::chrono::milliseconds(1'600'000'004'567));
  state.last.files.files = {{"room/a/w.flv", WallTime(std::chrono::seconds(1'600'000'000)), 5, 6, 7}};
  state.last.files.file_count = 60;
  state.last.counted = {1, 2, 3, 4};
  const RecorderState back = recorder_state_from_json(to_json(state));
  EXPECT_EQ(back.api, state.api);
  EXPECT_EQ(back.last.session, "session");
  EXPECT_EQ(back.last.next_part, 3);
  EXPECT_EQ(back.last.show, state.last.show);
  EXPECT_EQ(back.last.file, state.last.file);
  EXPECT_EQ(back.last.file_before, state.last.file_before);
  EXPECT_TRUE(back.last.ended);
  EXPECT_EQ(back.last.files, state.last.files);
  EXPECT_EQ(back.last.counted, state.last.counted);
  EXPECT_EQ(dump_json(to_json(back.last.tail)), dump_json(to_json(tail)));
  ASSERT_EQ(back.last.tail.tags.size(), 3u);
  EXPECT_EQ(back.last.tail.tags[1].hash, UINT64_MAX);
  EXPECT_EQ(back.last.tail.tags[1].size, 0x7fffffU);
  EXPECT_EQ(back.last.tail.tags[1].frame, flv::Frame::inter);
  EXPECT_EQ(back.last.tail.written, tail.written);
}

TEST(RecorderState, AnythingElseGivesDefaults) {
  for (const char* text : {"null", "[]", "{}", R"({"last":{"nextPart":-5,"showStart":"x"},"buvid3":[1]})"}) {
    const RecorderState state = recorder_state_from_json(parse_json(text));
    EXPECT_EQ(state.api, bilibili::ApiState()) << text;
    EXPECT_EQ(state.last.next_part, 1) << text;
    EXPECT_FALSE(state.last.show.start) << text;
  }
}

}  // namespace
}  // namespace live::recorder
