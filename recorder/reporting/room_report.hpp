// SPDX-License-Identifier: Apache-2.0
// The room's state as conditions, status and metrics. Pure but for the board that it writes on.
#pragma once
#include "recorder/bilibili/room_monitor.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/reporting/status_board.hpp"

namespace live::recorder {

// RoomFound, Live, DanmakuConnected, Throttled, and the subtrees room and show.
void report_room(const bilibili::RoomView& view, StatusBoard& board, RecorderMetrics& metrics);

// A fixed word for a message, for a metric's label.
std::string_view message_kind(const bilibili::Message& message);

}  // namespace live::recorder
