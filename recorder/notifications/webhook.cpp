// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/webhook.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/json.hpp"
#include "liveroom/text.hpp"
#include "recorder/storage/local_time.hpp"

namespace live::recorder {
namespace {

using liveroom::NotificationEvent;
using Ordered = nlohmann::ordered_json;  // the documented order is part of the shape

// "2021-05-14T17:52:44.4960899+08:00"
std::string time_text(WallTime time, const std::string& zone) {
  const storage::LocalTime local = storage::local_time(time, zone);
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time - second).count();
  const int minutes_east = local.offset_seconds / 60;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}{}{:02}:{:02}", local.year, local.month,
                     local.day, local.hour, local.minute, local.second, nanoseconds / 100,
                     minutes_east < 0 ? '-' : '+', std::abs(minutes_east) / 60, std::abs(minutes_east) % 60);
}

std::string shown(const std::string& text) { return liveroom::bounded_text(text, max_webhook_text); }

void put_file(Ordered& data, const WebhookEvent& event, const std::string& zone) {
  data["RelativePath"] = event.file.path;
  if (event.type == NotificationEvent::file_closed) {
    data["FileSize"] = event.file.bytes;
    data["Duration"] = static_cast<double>(event.file.duration_ms) / 1000.0;
  }
  data["FileOpenTime"] = time_text(event.file.opened, zone);
  if (event.type == NotificationEvent::file_closed)
    data["FileCloseTime"] = time_text(event.file.closed, zone);
}

bool is_about_file(NotificationEvent type) {
  return type == NotificationEvent::file_opening || type == NotificationEvent::file_closed;
}

bool is_about_stream(NotificationEvent type) {
  return type == NotificationEvent::stream_started || type == NotificationEvent::stream_ended;
}

}  // namespace

std::string webhook_body(const WebhookEvent& event, WallTime time, const std::string& id,
                         const std::string& time_zone) {
  Ordered data = Ordered::object();
  if (is_about_file(event.type)) put_file(data, event, time_zone);
  if (!is_about_stream(event.type)) data["SessionId"] = event.session;
  data["RoomId"] = event.room.room_id;
  data["ShortId"] = event.room.short_id;
  data["Name"] = shown(event.room.anchor);
  data["Title"] = shown(event.room.title);
  data["AreaNameParent"] = shown(event.room.parent_area);
  data["AreaNameChild"] = shown(event.room.area);
  data["Recording"] = event.room.recording;
  data["Streaming"] = event.room.streaming;
  data["DanmakuConnected"] = event.room.danmaku_connected;
  Ordered body = Ordered::object();
  body["EventType"] = liveroom::to_string(event.type);
  body["EventTimestamp"] = time_text(time, time_zone);
  body["EventId"] = id;
  body["EventData"] = std::move(data);
  return body.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

}  // namespace live::recorder
