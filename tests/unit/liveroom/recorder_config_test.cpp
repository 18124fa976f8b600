// SPDX-License-Identifier: Apache-2.0
#include "liveroom/recorder_config.hpp"

#include <gtest/gtest.h>

namespace live::liveroom {
namespace {

RecorderConfig example() {
  LiveRoomSpec spec;
  spec.room_id = 6;
  spec.credentials_secret = "cookie";
  spec.recording.windows = {{.days = {Weekday::monday}, .from_minute = 60, .to_minute = 1440}};
  spec.transport.proxy = "http://p:1";
  spec.notifications = {
      {.name = "n", .url = "http://x", .events = {NotificationEvent::file_closed}, .secret_name = "s"}};
  RecorderConfig config = make_recorder_config("rooms", "a", "u-1", 3, spec);
  config.drain = "d-1";
  config.rooms = 100;
  config.report_sequence = 2;
  return config;
}

TEST(RecorderConfig, GoesThereAndBack) {
  const RecorderConfig config = example();
  const auto parsed = parse_recorder_config(to_text(config));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->value, config);
  EXPECT_TRUE(parsed->unknown.empty());
  EXPECT_EQ(to_text(parsed->value), to_text(config));
}

TEST(RecorderConfig, TheDirectoryIsTheNameWhenTheSpecHasNone) {
  EXPECT_EQ(example().recording.directory, "a");
  const auto parsed = parse_recorder_config(R"({"name": "b", "roomId": 6})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value.recording.directory, "b");
}

TEST(RecorderConfig, KeepsItsValueForMembersThatItDoesNotKnow) {
  RecorderConfig current = example();
  current.stream.fallback = QualityFallback::wait;
  current.recording.danmaku = DanmakuFile::none;
  const auto parsed = parse_recorder_config(
      R"({"name": "a", "roomId": 6, "shiny": {}, "stream": {"fallback": "Guess"}, "recording": {"danmaku": "Json"}})",
      current);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->value.stream.fallback, QualityFallback::wait);
  EXPECT_EQ(parsed->value.recording.danmaku, DanmakuFile::none);
  EXPECT_EQ(parsed->unknown, (std::vector<std::string>{"stream.fallback: Guess", "recording.danmaku: Json"}));
  // Everything else is what the text says, or the default: not what was there before.
  EXPECT_EQ(parsed->value.transport.proxy, "");
  EXPECT_TRUE(parsed->value.notifications.empty());
}

TEST(RecorderConfig, RefusesWhatIsWrongByName) {
  const auto problem = [](std::string_view text) {
    const auto parsed = parse_recorder_config(text);
    return parsed ? std::string() : parsed.error().message;
  };
  EXPECT_EQ(problem("{"), "the configuration is not JSON");
  EXPECT_EQ(problem("[]"), "the document must be an object");
  EXPECT_EQ(problem(R"({"name": "a"})"), "roomId is required");
  EXPECT_EQ(problem(R"({"roomId": 6})"), "recording.directory is required");
  EXPECT_EQ(problem(R"({"name": "a", "roomId": 6, "transport": {"pollIntervalSeconds": 1}})"),
            "transport.pollIntervalSeconds must be at least 20");
  EXPECT_EQ(problem(R"({"name": "..", "roomId": 6, "recording": {"directory": "../x"}})"),
            "recording.directory must be a relative path without empty, \".\" or \"..\" parts, not \"../x\"");
}

}  // namespace
}  // namespace live::liveroom
