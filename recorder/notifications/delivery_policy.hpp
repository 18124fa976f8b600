// SPDX-License-Identifier: Apache-2.0
// What becomes of an event after an attempt to deliver it, and when the next attempt is due. One receiver.
// Pure.
#pragma once
#include <cstdint>
#include <optional>

#include "base/backoff.hpp"

namespace live::recorder {

enum class DeliveryOutcome {
  delivered,  // status 2xx
  failed,     // no answer, or one that may be another one later: the same event again
  rejected,   // the receiver says of this very event that it can't be taken, for long enough
};
std::string_view to_string(DeliveryOutcome outcome);

class DeliveryPolicy {
 public:
  static constexpr BackoffLimits retry{std::chrono::seconds(1), std::chrono::minutes(5), 2.0, 0.5,
                                       std::chrono::hours(1)};
  // An event that is refused with 400, 413, 415 or 422 holds back those behind it this long; then it is given
  // up.
  static constexpr Duration patience = std::chrono::hours(1);

  // `status`: of the reply; nothing when there was none. `sequence`: the event's.
  DeliveryOutcome attempted(std::uint64_t sequence, std::optional<int> status, TimePoint now, Random& random);

  TimePoint not_before() const { return not_before_; }
  // The next attempt is due at once: a new address or key, or the end of the process.
  void retry_now();

 private:
  Backoff backoff_{retry};
  TimePoint not_before_ = TimePoint::min();
  std::uint64_t refused_ = 0;  // sequence of the event that is being refused
  TimePoint refused_since_{};
};

}  // namespace live::recorder
