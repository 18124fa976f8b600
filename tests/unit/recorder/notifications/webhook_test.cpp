// SPDX-License-Identifier: Apache-2.0
// The bodies are those of the format's documentation, without the blanks and comments that it is printed
// with.
#include "recorder/notifications/webhook.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::recorder {
namespace {

using liveroom::NotificationEvent;

WallTime at(std::string_view text) { return parse_rfc3339(text).value(); }

RoomFacts documented_room() {
  RoomFacts room;
  room.room_id = 23058;
  room.short_id = 3;
  room.anchor = "3号直播间";
  room.title = "哔哩哔哩音悦台";
  room.parent_area = "生活";
  room.area = "影音馆";
  room.recording = true;
  room.streaming = true;
  room.danmaku_connected = true;
  return room;
}

WebhookEvent documented(NotificationEvent type) {
  WebhookEvent event;
  event.type = type;
  event.room = documented_room();
  event.session = "7c7f3672-70ce-405a-aa12-886702ced6e5";
  event.file.path = "23058-3号直播间/录制-23058-20210514-175250-哔哩哔哩音悦台.flv";
  event.file.opened = at("2021-05-14T17:52:50.5246401+08:00");
  event.file.closed = at("2021-05-14T17:52:54.9461101+08:00");
  event.file.bytes = 816412;
  event.file.duration_ms = 4992;
  return event;
}

std::string body(const WebhookEvent& event, std::string_view time, const std::string& id) {
  return webhook_body(event, at(time), id, "Asia/Shanghai");
}

TEST(Webhook, SessionStartedAsDocumented) {
  EXPECT_EQ(body(documented(NotificationEvent::session_started), "2021-05-14T17:52:44.4960899+08:00",
                 "e3e1c9ec-f386-4bc3-9e5a-661bf3ed2fb2"),
            R"({"EventType":"SessionStarted","EventTimestamp":"2021-05-14T17:52:44.4960899+08:00",)"
            R"("EventId":"e3e1c9ec-f386-4bc3-9e5a-661bf3ed2fb2","EventData":{)"
            R"("SessionId":"7c7f3672-70ce-405a-aa12-886702ced6e5","RoomId":23058,"ShortId":3,)"
            R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"生活","AreaNameChild":"影音馆",)"
            R"("Recording":true,"Streaming":true,"DanmakuConnected":true}})");
}

TEST(Webhook, FileOpeningAsDocumented) {
  EXPECT_EQ(body(documented(NotificationEvent::file_opening), "2021-05-14T17:52:50.5256394+08:00",
                 "6e7b33e5-4695-4d25-87ee-b09f66e20ba0"),
            R"({"EventType":"FileOpening","EventTimestamp":"2021-05-14T17:52:50.5256394+08:00",)"
            R"("EventId":"6e7b33e5-4695-4d25-87ee-b09f66e20ba0","EventData":{)"
            R"("RelativePath":"23058-3号直播间/录制-23058-20210514-175250-哔哩哔哩音悦台.flv",)"
            R"("FileOpenTime":"2021-05-14T17:52:50.5246401+08:00",)"
            R"("SessionId":"7c7f3672-70ce-405a-aa12-886702ced6e5","RoomId":23058,"ShortId":3,)"
            R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"生活","AreaNameChild":"影音馆",)"
            R"("Recording":true,"Streaming":true,"DanmakuConnected":true}})");
}

TEST(Webhook, FileClosedAsDocumented) {
  EXPECT_EQ(body(documented(NotificationEvent::file_closed), "2021-05-14T17:52:54.9461101+08:00",
                 "98f85267-e08c-4f15-ad9a-1fc463d42b0b"),
            R"({"EventType":"FileClosed","EventTimestamp":"2021-05-14T17:52:54.9461101+08:00",)"
            R"("EventId":"98f85267-e08c-4f15-ad9a-1fc463d42b0b","EventData":{)"
            R"("RelativePath":"23058-3号直播间/录制-23058-20210514-175250-哔哩哔哩音悦台.flv",)"
            R"("FileSize":816412,"Duration":4.992,"FileOpenTime":"2021-05-14T17:52:50.5246401+08:00",)"
            R"("FileCloseTime":"2021-05-14T17:52:54.9461101+08:00",)"
            R"("SessionId":"7c7f3672-70ce-405a-aa12-886702ced6e5","RoomId":23058,"ShortId":3,)"
            R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"生活","AreaNameChild":"影音馆",)"
            R"("Recording":true,"Streaming":true,"DanmakuConnected":true}})");
}

TEST(Webhook, SessionEndedAsDocumented) {
  EXPECT_EQ(body(documented(NotificationEvent::session_ended), "2021-05-14T17:52:54.9481095+08:00",
                 "e1f4a36e-e34c-4ada-80bb-f6cfc90e99e9"),
            R"({"EventType":"SessionEnded","EventTimestamp":"2021-05-14T17:52:54.9481095+08:00",)"
            R"("EventId":"e1f4a36e-e34c-4ada-80bb-f6cfc90e99e9","EventData":{)"
            R"("SessionId":"7c7f3672-70ce-405a-aa12-886702ced6e5","RoomId":23058,"ShortId":3,)"
            R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"生活","AreaNameChild":"影音馆",)"
            R"("Recording":true,"Streaming":true,"DanmakuConnected":true}})");
}

WebhookEvent documented_stream(NotificationEvent type, bool streaming) {
  WebhookEvent event = documented(type);
  event.room.parent_area = "电台";
  event.room.area = "唱见电台";
  event.room.recording = false;
  event.room.streaming = streaming;
  event.room.danmaku_connected = false;
  return event;
}

TEST(Webhook, StreamStartedAsDocumented) {
  EXPECT_EQ(
      body(documented_stream(NotificationEvent::stream_started, true), "2022-05-17T18:17:29.1604718+08:00",
           "2aafd4be-4a6d-44f6-9178-5b04d1929140"),
      R"({"EventType":"StreamStarted","EventTimestamp":"2022-05-17T18:17:29.1604718+08:00",)"
      R"("EventId":"2aafd4be-4a6d-44f6-9178-5b04d1929140","EventData":{"RoomId":23058,"ShortId":3,)"
      R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"电台","AreaNameChild":"唱见电台",)"
      R"("Recording":false,"Streaming":true,"DanmakuConnected":false}})");
}

TEST(Webhook, StreamEndedAsDocumented) {
  EXPECT_EQ(
      body(documented_stream(NotificationEvent::stream_ended, false), "2022-05-17T18:18:21.3751494+08:00",
           "b49b0ed1-2d8f-43a6-b5c6-dece91e5402d"),
      R"({"EventType":"StreamEnded","EventTimestamp":"2022-05-17T18:18:21.3751494+08:00",)"
      R"("EventId":"b49b0ed1-2d8f-43a6-b5c6-dece91e5402d","EventData":{"RoomId":23058,"ShortId":3,)"
      R"("Name":"3号直播间","Title":"哔哩哔哩音悦台","AreaNameParent":"电台","AreaNameChild":"唱见电台",)"
      R"("Recording":false,"Streaming":false,"DanmakuConnected":false}})");
}

TEST(Webhook, TimesAreOfTheRoomsZone) {
  const WebhookEvent event = documented(NotificationEvent::file_closed);
  const Json berlin = parse_json(webhook_body(event, at("2026-07-01T00:00:00Z"), "id", "Europe/Berlin"));
  EXPECT_EQ(json_at(berlin, "/EventTimestamp"), "2026-07-01T02:00:00.0000000+02:00");
  const Json newfoundland =
      parse_json(webhook_body(event, at("2026-01-01T00:00:00Z"), "id", "America/St_Johns"));
  EXPECT_EQ(json_at(newfoundland, "/EventTimestamp"), "2025-12-31T20:30:00.0000000-03:30");
}

TEST(Webhook, WhateverAStreamerTypesIsOneBoundedLineOfJson) {
  WebhookEvent event = documented(NotificationEvent::session_started);
  event.room.title = "a\"b\\c\nd\xff\x01" + std::string(100'000, 'x');
  const std::string text = body(event, "2022-05-17T18:18:21+08:00", "id");
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_LT(text.size(), 1200u);
  const Json read = parse_json(text);
  ASSERT_FALSE(read.is_discarded());
  EXPECT_TRUE(json_at(read, "/EventData/Title").get<std::string>().starts_with("a\"b\\c d\xef\xbf\xbdxxx"));
}

}  // namespace
}  // namespace live::recorder
