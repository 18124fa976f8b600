// SPDX-License-Identifier: Apache-2.0
// When the journal of an open file is written again. Pure.
#pragma once
#include <optional>

#include "base/clock.hpp"

namespace live::recorder {

class JournalSchedule {
 public:
  static constexpr Duration interval = std::chrono::seconds(60);
  // After a file's opening and after each jump of the source's time: when its live edge is known.
  static constexpr Duration settle = std::chrono::seconds(5);
  // However much happens.
  static constexpr Duration least = std::chrono::seconds(1);

  // The file was opened and its journal written.
  void opened(TimePoint now) {
    written(now);
    settled_at_ = now + settle;
  }
  // Something is worth a line.
  void changed() { changed_ = true; }
  void jumped(TimePoint now) {
    changed_ = true;
    settled_at_ = now + settle;
  }

  bool due(TimePoint now) const {
    return (changed_ && now >= last_ + least) || (settled_at_ && now >= *settled_at_) ||
           now >= last_ + interval;
  }
  void written(TimePoint now) {
    last_ = now;
    changed_ = false;
    if (settled_at_ && now >= *settled_at_) settled_at_.reset();
  }

 private:
  TimePoint last_{};
  bool changed_ = false;
  std::optional<TimePoint> settled_at_;
};

}  // namespace live::recorder
