// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/delivery_policy.hpp"

namespace live::recorder {
namespace {

// Answers that speak of the event itself. Others (no such address, not allowed, too often, overloaded) may be
// mended on the receiver's side.
bool is_about_event(int status) { return status == 400 || status == 413 || status == 415 || status == 422; }

}  // namespace

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::delivered:
      return "delivered";
    case DeliveryOutcome::failed:
      return "failed";
    case DeliveryOutcome::rejected:
      return "rejected";
  }
  return "failed";
}

DeliveryOutcome DeliveryPolicy::attempted(std::uint64_t sequence, std::optional<int> status, TimePoint now,
                                          Random& random) {
  if (status && *status >= 200 && *status <= 299) {
    retry_now();
    return DeliveryOutcome::delivered;
  }
  if (status && is_about_event(*status)) {
    if (refused_ != sequence) {
      refused_ = sequence;
      refused_since_ = now;
    }
    if (now - refused_since_ >= patience) {
      retry_now();
      return DeliveryOutcome::rejected;
    }
  }
  not_before_ = now + backoff_.next(now, random);
  return DeliveryOutcome::failed;
}

void DeliveryPolicy::retry_now() {
  backoff_.reset();
  not_before_ = TimePoint::min();
}

}  // namespace live::recorder
