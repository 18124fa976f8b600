// SPDX-License-Identifier: Apache-2.0
#include "net/receive_pacing.hpp"

#include <algorithm>

namespace live::net {
namespace {

constexpr double batch_seconds = 0.5;

}  // namespace

std::optional<int> ReceivePacing::tick(TimePoint now, std::uint64_t received) {
  const std::uint64_t fresh = received - received_;
  const double seconds = last_ ? std::chrono::duration<double>(now - *last_).count() : 0;
  received_ = received;
  last_ = now;
  if (seconds <= 0) return std::nullopt;
  if (fresh == 0) return change(1);
  const double batch = static_cast<double>(fresh) / seconds * batch_seconds;
  const int wanted = static_cast<int>(std::clamp<double>(batch, min_threshold, max_threshold));
  // A little up and down is no reason for a system call.
  const bool near = wanted * 2 > threshold_ && wanted < threshold_ + threshold_ / 2;
  return near ? std::nullopt : change(wanted);
}

std::optional<int> ReceivePacing::change(int threshold) {
  if (threshold == threshold_) return std::nullopt;
  threshold_ = threshold;
  return threshold;
}

}  // namespace live::net
