// SPDX-License-Identifier: Apache-2.0
// When a status write is due. Pure.
#pragma once
#include <optional>

#include "base/clock.hpp"
#include "liveroom/recorder_status.hpp"

namespace live::recorder {

// Sizes and durations of a running recording go to the API server no more often than this.
inline constexpr Duration progress_interval = std::chrono::minutes(1);

// How long to wait, counted from the last write, until `current` is to be written: zero for what people wait
// for, progress_interval for sizes alone, nothing when both say the same. report_time is not compared.
std::optional<Duration> write_due(const liveroom::RecorderStatus& written,
                                  const liveroom::RecorderStatus& current);

}  // namespace live::recorder
