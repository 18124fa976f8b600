// SPDX-License-Identifier: Apache-2.0
// A point in time that is handed down a call with several steps, in place of a timeout for each.
#pragma once
#include "base/clock.hpp"

namespace live {

class Deadline {
 public:
  static Deadline never() { return Deadline(TimePoint::max()); }
  static Deadline after(const Clock& clock, Duration length) { return Deadline(clock.now() + length); }
  explicit Deadline(TimePoint when) : when_(when) {}

  TimePoint when() const { return when_; }
  bool passed(TimePoint now) const { return now >= when_; }
  Duration left(TimePoint now) const { return passed(now) ? Duration::zero() : when_ - now; }

 private:
  TimePoint when_;
};

}  // namespace live
