// SPDX-License-Identifier: Apache-2.0
// What receivers are told, in the format of BililiveRecorder's webhook version 2, as its documentation shows
// it (website, reference/webhook). Pure.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "liveroom/spec.hpp"

namespace live::recorder {

// The room as it is when something happens.
struct RoomFacts {
  std::int64_t room_id = 0;
  std::int64_t short_id = 0;  // 0: none
  std::string anchor;
  std::string title;
  std::string parent_area;
  std::string area;
  bool recording = false;
  bool streaming = false;
  bool danmaku_connected = false;
};

struct FileFacts {
  std::string path;  // relative to the volume's root, under its final name
  WallTime opened{};
  WallTime closed{};  // this and what follows: only of a closed file
  std::int64_t bytes = 0;
  std::int64_t duration_ms = 0;
};

struct WebhookEvent {
  liveroom::NotificationEvent type = liveroom::NotificationEvent::session_started;
  RoomFacts room;
  std::string session;  // UUID; none in the two events of the stream
  FileFacts file;       // of the two events of files
};

// Longest text that is passed on of what a streamer types, in code points; what is longer is cut.
inline constexpr std::size_t max_webhook_text = 512;

// The request's body: one line, keys in the documented order, times in `time_zone` with seven digits after
// the second. The same arguments give the same bytes.
std::string webhook_body(const WebhookEvent& event, WallTime time, const std::string& id,
                         const std::string& time_zone);

}  // namespace live::recorder
