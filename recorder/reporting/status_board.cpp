// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/status_board.hpp"

#include "liveroom/names.hpp"

namespace live::recorder {

using liveroom::Condition;
using liveroom::ConditionStatus;
using liveroom::ConditionType;

StatusBoard::StatusBoard(const Executor& executor, const Clock& clock, liveroom::RecorderInfo info)
    : clock_(clock), changed_(executor) {
  status_.recorder = std::move(info);
  for (const ConditionType type : liveroom::recorder_conditions) {
    set(type, ConditionStatus::unknown, liveroom::reason::pending);
  }
}

void StatusBoard::set(ConditionType type, ConditionStatus value, std::string_view reason,
                      std::string_view message) {
  Condition wanted;
  wanted.type = type;
  wanted.status = value;
  wanted.reason = reason;
  wanted.message = message;
  wanted.observed_generation = status_.recorder.applied_generation;
  if (liveroom::set_condition(status_.conditions, std::move(wanted), clock_.wall_now())) touch();
}

liveroom::RecorderStatus& StatusBoard::edit() {
  touch();
  return status_;
}

void StatusBoard::adopt(const liveroom::RecorderStatus& earlier) {
  status_.totals.recordings += earlier.totals.recordings;
  status_.totals.bytes += earlier.totals.bytes;
  status_.totals.seconds += earlier.totals.seconds;
  status_.totals.lost_seconds += earlier.totals.lost_seconds;
  if (!status_.last_recording) status_.last_recording = earlier.last_recording;
  if (!status_.last_retention) status_.last_retention = earlier.last_retention;
  for (Condition& condition : status_.conditions) {
    const Condition* before = liveroom::find_condition(earlier.conditions, condition.type);
    if (before != nullptr && before->status == condition.status)
      condition.last_transition = before->last_transition;
  }
  touch();
}

void StatusBoard::touch() {
  ++version_;
  changed_.notify();
}

}  // namespace live::recorder
