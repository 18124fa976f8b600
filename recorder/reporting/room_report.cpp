// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/room_report.hpp"

#include <fmt/format.h>

#include "base/time_format.hpp"
#include "liveroom/names.hpp"
#include "recorder/bilibili/command.hpp"

namespace live::recorder {

using bilibili::RoomState;
using bilibili::RoomView;
using bilibili::StateReason;
using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

namespace {

void report_found(const RoomView& view, StatusBoard& board) {
  if (!view.found) {
    board.set(ConditionType::room_found, ConditionStatus::unknown, reason::pending, view.last_error);
  } else if (*view.found) {
    board.set(ConditionType::room_found, ConditionStatus::yes, reason::found);
  } else {
    board.set(ConditionType::room_found, ConditionStatus::no, reason::not_found,
              view.detail.empty() ? "Bilibili knows no room of this number" : view.detail);
  }
}

std::string_view live_reason(const RoomView& view) {
  switch (view.reason) {
    case StateReason::starting:
      return reason::pending;
    case StateReason::api_failing:
      return reason::unreachable;
    case StateReason::pushed:
    case StateReason::polled:
      return reason::live;
    case StateReason::idle:
    case StateReason::preparing:
      return reason::offline;
    case StateReason::rotation:
      return reason::rotation;
    default:
      return bilibili::to_string(view.reason);
  }
}

void report_live(const RoomView& view, StatusBoard& board) {
  ConditionStatus status = ConditionStatus::no;
  if (view.state == RoomState::live) status = ConditionStatus::yes;
  if (view.state == RoomState::unknown) status = ConditionStatus::unknown;
  board.set(ConditionType::live, status, live_reason(view),
            view.state == RoomState::unknown ? view.last_error : view.detail);
}

void report_danmaku(const RoomView& view, StatusBoard& board) {
  if (view.danmaku_connected) {
    board.set(ConditionType::danmaku_connected, ConditionStatus::yes, reason::connected);
  } else if (view.danmaku_end) {
    board.set(ConditionType::danmaku_connected, ConditionStatus::no, bilibili::to_string(*view.danmaku_end));
  } else if (view.found == std::optional(false)) {
    board.set(ConditionType::danmaku_connected, ConditionStatus::no, reason::disconnected);
  }
}

void report_throttle(const RoomView& view, StatusBoard& board) {
  if (view.throttle.active) {
    board.set(ConditionType::throttled, ConditionStatus::yes, reason::rate_limited,
              fmt::format("Bilibili refuses calls from this address ({}); they pause",
                          bilibili::to_string(view.throttle.cause)));
  } else {
    board.set(ConditionType::throttled, ConditionStatus::no, reason::not_throttled);
  }
}

void report_details(const RoomView& view, StatusBoard& board) {
  std::optional<liveroom::RoomStatus> room;
  if (view.room.room_id != 0) {
    room = liveroom::RoomStatus{view.room.room_id, view.room.short_id, view.room.uid,        view.room.anchor,
                                view.room.title,   view.room.area,     view.room.parent_area};
  }
  std::optional<liveroom::ShowStatus> show;
  if (view.show) {
    show.emplace();
    show->start_time = view.show->start.value_or(WallTime());
    show->key = view.show->key;
    if (show->key.empty() && view.show->start) show->key = format_rfc3339(*view.show->start);
  }
  if (board.status().room != room) board.edit().room = room;
  if (board.status().show != show) board.edit().show = show;
}

}  // namespace

void report_room(const RoomView& view, StatusBoard& board, RecorderMetrics& metrics) {
  report_found(view, board);
  report_live(view, board);
  report_danmaku(view, board);
  report_throttle(view, board);
  report_details(view, board);
  metrics.set_live(view.state == RoomState::live);
  metrics.set_danmaku_connected(view.danmaku_connected);
  metrics.set_throttled(view.throttle.active);
  if (view.room.room_id != 0) {
    metrics.set_room_info(std::to_string(view.room.room_id), view.room.title, view.room.anchor,
                          view.room.area);
  }
}

std::string_view message_kind(const bilibili::Message& message) {
  const std::string_view viewers = bilibili::viewer_command_kind(message.command);
  if (!viewers.empty()) return viewers;
  if (const auto* other = std::get_if<bilibili::OtherMessage>(&message.content))
    return other->known ? "other" : "unknown";
  return "room";
}

}  // namespace live::recorder
