// SPDX-License-Identifier: Apache-2.0
#include "recorder/recorder_state.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::recorder {
namespace {

TEST(RecorderState, ComesBackAsItWasKept) {
  RecorderState state;
  state.api.buvid3 = "D9656DA8infoc";
  state.api.wbi_key = "k";
  state.api.wbi_time = WallTime(std::chrono::seconds(1'700'000'000));
  state.last = {"session", 3, {"key", WallTime(std::chrono::seconds(1'600'000'000))}};
  const RecorderState back = recorder_state_from_json(to_json(state));
  EXPECT_EQ(back.api, state.api);
  EXPECT_EQ(back.last.session, "session");
  EXPECT_EQ(back.last.next_part, 3);
  EXPECT_EQ(back.last.show, state.last.show);
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
