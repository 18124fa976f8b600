// SPDX-License-Identifier: Apache-2.0
#include "recorder/reporting/status_schedule.hpp"

namespace live::recorder {
namespace {

liveroom::RecorderStatus without_progress(liveroom::RecorderStatus status) {
  status.recorder.report_time = {};
  if (status.recording) {
    status.recording->size_bytes = 0;
    status.recording->duration_seconds = 0;
  }
  return status;
}

}  // namespace

std::optional<Duration> write_due(const liveroom::RecorderStatus& written,
                                  const liveroom::RecorderStatus& current) {
  liveroom::RecorderStatus same_time = written;
  same_time.recorder.report_time = current.recorder.report_time;
  if (same_time == current) return std::nullopt;
  if (without_progress(written) == without_progress(current)) return progress_interval;
  return Duration::zero();
}

}  // namespace live::recorder
