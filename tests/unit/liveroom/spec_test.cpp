// SPDX-License-Identifier: Apache-2.0
#include "liveroom/spec.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::liveroom {
namespace {

LiveRoomSpec spec_of(std::string_view text) {
  const auto parsed = parse_spec(parse_json(text));
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return {};
  }
  return parsed->value;
}

std::string problem_of(std::string_view text) {
  const auto parsed = parse_spec(parse_json(text));
  return parsed ? "" : parsed.error().message;
}

TEST(ParseSpec, ARoomNumberIsEnough) {
  LiveRoomSpec expected;
  expected.room_id = 6;
  EXPECT_EQ(spec_of(R"({"roomId": 6})"), expected);
  EXPECT_EQ(spec_of(R"({"roomId": 6, "stream": null, "recording": {}, "notifications": null})"), expected);
}

TEST(ParseSpec, ReadsEveryField) {
  const LiveRoomSpec spec = spec_of(R"({
    "roomId": 21452505, "suspend": true,
    "stream": {"qualities": [400, 250], "fallback": "Wait", "formats": ["fmp4"], "codecs": ["hevc", "avc"],
               "avoidHosts": [], "preferHosts": ["gotcha"]},
    "recording": {"directory": "rooms/6", "fileNameTemplate": "{part}.{ext}", "timeZone": "UTC", "splitSeconds": 60,
                  "splitSize": "4Gi", "splitOnTitleChange": true, "danmaku": "XmlAndRaw", "cover": "None",
                  "skipTitles": ["rerun"], "onlyAreas": ["VUP"],
                  "windows": [{"days": ["Mon", "Sun"], "from": "20:00", "to": "02:30"}, {"from": "00:00", "to": "24:00"}],
                  "gaps": "Keep"},
    "transport": {"socketTimeoutSeconds": 20, "retryIntervalSeconds": 7, "maxRetryTimes": 3, "pollIntervalSeconds": 60,
                  "proxy": "http://p:1", "addressFamily": "IPv4"},
    "credentialsSecretRef": {"name": "cookie"},
    "storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "8Gi"}}}}, "whenDeleted": "Delete"},
    "retention": {"maxAgeSeconds": 86400, "maxSize": 1024, "minFree": "1Ki"},
    "updatePolicy": "Never", "updateDeadlineSeconds": 3600,
    "notifications": [{"name": "n", "url": "http://x/y", "events": ["FileClosed"], "signatureSecretRef": {"name": "s"}}],
    "podTemplate": {"nodeSelector": {"a": "b"}}})");
  EXPECT_EQ(spec.room_id, 21452505);
  EXPECT_TRUE(spec.suspend);
  EXPECT_EQ(spec.stream, (StreamSpec{.qualities = {400, 250},
                                     .fallback = QualityFallback::wait,
                                     .formats = {StreamFormat::fmp4},
                                     .codecs = {StreamCodec::hevc, StreamCodec::avc},
                                     .avoid_hosts = {},
                                     .prefer_hosts = {"gotcha"}}));
  EXPECT_EQ(spec.recording.split_size_bytes, std::int64_t{4} << 30);
  EXPECT_EQ(spec.recording.danmaku, DanmakuFile::xml_and_raw);
  EXPECT_EQ(spec.recording.cover, CoverFile::none);
  ASSERT_EQ(spec.recording.windows.size(), 2U);
  EXPECT_EQ(
      spec.recording.windows[0],
      (RecordingWindow{.days = {Weekday::monday, Weekday::sunday}, .from_minute = 1200, .to_minute = 150}));
  EXPECT_EQ(spec.recording.windows[1].days, every_day);
  EXPECT_EQ(spec.transport.address_family, AddressFamily::ipv4);
  EXPECT_EQ(spec.credentials_secret, "cookie");
  EXPECT_EQ(spec.storage.volume_claim_template, R"({"spec":{"resources":{"requests":{"storage":"8Gi"}}}})");
  EXPECT_EQ(spec.storage.when_deleted, WhenDeleted::remove);
  EXPECT_EQ(spec.retention, (RetentionSpec{86400, 1024, 1024}));
  EXPECT_EQ(spec.update_policy, UpdatePolicy::never);
  ASSERT_EQ(spec.notifications.size(), 1U);
  EXPECT_EQ(spec.notifications[0], (NotificationSpec{.name = "n",
                                                     .url = "http://x/y",
                                                     .events = {NotificationEvent::file_closed},
                                                     .secret_name = "s",
                                                     .secret_key = "key"}));
  EXPECT_EQ(spec.pod_template, R"({"nodeSelector":{"a":"b"}})");
}

TEST(ParseSpec, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(problem_of(R"({})"), "spec.roomId is required");
  EXPECT_EQ(problem_of(R"({"roomId": 0})"), "spec.roomId must be at least 1");
  EXPECT_EQ(problem_of(R"({"roomId": "6"})"), "spec.roomId must be an integer");
  EXPECT_EQ(problem_of(R"({"roomId": 6.5})"), "spec.roomId must be an integer");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "suspend": "yes"})"), "spec.suspend must be true or false");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "stream": []})"), "spec.stream must be an object");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "stream": {"qualities": []}})"),
            "spec.stream.qualities must not be empty");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "stream": {"qualities": [1, "x"]}})"),
            "spec.stream.qualities[1] must be an integer");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "recording": {"splitSize": "8GiB"}})"),
            "spec.recording.splitSize must be a quantity: \"8GiB\" is not a quantity such as 500M or 8Gi");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "recording": {"windows": [{"from": "25:00", "to": "24:00"}]}})"),
            "spec.recording.windows[0].from must be a time 00:00 to 23:59");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "recording": {"directory": "a/../../b"}})"),
            "spec.recording.directory must be a relative path without empty, \".\" or \"..\" parts, not "
            "\"a/../../b\"");
  EXPECT_EQ(
      problem_of(R"({"roomId": 6, "storage": {"claimName": "c", "volumeClaimTemplate": {"spec": {}}}})"),
      "spec.storage.claimName and volumeClaimTemplate exclude each other");
  EXPECT_EQ(problem_of(R"({"roomId": 6, "storage": {"claimName": "c"}, "retention": {"minFree": 1}})"),
            "spec.retention.minFree must be 0 with storage.claimName");
  EXPECT_EQ(
      problem_of(
          R"({"roomId": 6, "notifications": [{"name": "a", "url": "http://x"}, {"name": "a", "url": "http://x"}]})"),
      "spec.notifications[1].name \"a\" is there twice");
}

TEST(ParseSpec, LivesWithWhatALaterVersionAdds) {
  const auto parsed = parse_spec(parse_json(
      R"({"roomId": 6, "shiny": 1, "stream": {"fallback": "Guess", "formats": ["webrtc", "flv"], "codecs": ["av1"]}})"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value.stream.fallback, QualityFallback::best);
  EXPECT_EQ(parsed->value.stream.formats, std::vector{StreamFormat::flv});
  EXPECT_EQ(parsed->value.stream.codecs, (std::vector{StreamCodec::avc, StreamCodec::hevc}));
  EXPECT_EQ(parsed->unknown,
            (std::vector<std::string>{"spec.stream.fallback: Guess", "spec.stream.formats[0]: webrtc",
                                      "spec.stream.codecs[0]: av1"}));
}

}  // namespace
}  // namespace live::liveroom
