// SPDX-License-Identifier: Apache-2.0
// How many lines of one kind a log takes: some at once, then one at each interval. Pure.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace live {

class LogLimit {
 public:
  explicit LogLimit(int burst = 10, Duration interval = std::chrono::seconds(10))
      : burst_(burst), interval_(interval), left_(burst) {}

  // How many lines were left out since the last one that was written; nothing when this one is to be left
  // out too.
  std::optional<std::size_t> admit(TimePoint now) {
    if (const auto earned = (now - refilled_) / interval_; earned > 0) {
      left_ = static_cast<int>(std::min<Duration::rep>(burst_, left_ + earned));
      refilled_ = now;
    }
    if (left_ == 0) {
      ++left_out_;
      return std::nullopt;
    }
    --left_;
    return std::exchange(left_out_, 0);
  }

 private:
  int burst_;
  Duration interval_;
  int left_;
  TimePoint refilled_{};
  std::size_t left_out_ = 0;
};

}  // namespace live
