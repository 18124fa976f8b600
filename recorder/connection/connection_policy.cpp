// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/connection_policy.hpp"

#include <algorithm>

#include "base/backoff.hpp"

namespace live::recorder {

std::string_view to_string(ConnectionEnd end) {
  switch (end) {
    case ConnectionEnd::finished:
      return "finished";
    case ConnectionEnd::broken:
      return "broken";
    case ConnectionEnd::stalled:
      return "stalled";
    case ConnectionEnd::absent:
      return "absent";
    case ConnectionEnd::refused:
      return "refused";
    case ConnectionEnd::no_stream:
      return "no_stream";
  }
  return "broken";
}

bool ConnectionPolicy::valid(const StreamCandidate& candidate, WallTime wall) const {
  return wall < candidate.expires;
}

ConnectionAction ConnectionPolicy::next(TimePoint now, WallTime wall) {
  if (gave_up_) return GiveUp{};
  if (now < not_before_) return WaitUntil{not_before_};
  while (tried_ < candidates_.size() && !valid(candidates_[at_], wall)) {
    at_ = (at_ + 1) % candidates_.size();
    ++tried_;
  }
  if (tried_ >= candidates_.size()) {
    candidates_.clear();
    return FetchPlayInfo{};
  }
  if (last_start_ != TimePoint::min() && now < last_start_ + min_spacing)
    return WaitUntil{last_start_ + min_spacing};
  last_start_ = now;
  return Connect{candidates_[at_]};
}

void ConnectionPolicy::play_info_arrived(std::vector<StreamCandidate> candidates, TimePoint now,
                                         WallTime wall, Random& random) {
  candidates_ = std::move(candidates);
  const bool any_valid = std::any_of(candidates_.begin(), candidates_.end(),
                                     [&](const StreamCandidate& one) { return valid(one, wall); });
  if (!any_valid) {
    for (StreamCandidate& candidate : candidates_) candidate.expires = WallTime::max();
  }
  at_ = 0;
  begin_with_best(now);
  if (candidates_.empty()) wait_for_new_play_info(now, random);
}

// From the one whose turn it is on, but those with failures behind those with fewer.
void ConnectionPolicy::begin_with_best(TimePoint now) {
  std::rotate(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(at_), candidates_.end());
  std::ranges::stable_sort(
      candidates_, {}, [&](const StreamCandidate& candidate) { return hosts_.rank(candidate.host, now); });
  at_ = 0;
  tried_ = 0;
}

void ConnectionPolicy::play_info_failed(TimePoint now, Random& random) {
  wait_for_new_play_info(now, random);
}

void ConnectionPolicy::connection_ended(ConnectionEnd end, std::optional<Duration> media_for, TimePoint now,
                                        Random& random) {
  if (at_ < candidates_.size()) {
    const Duration lasted = media_for ? std::max(*media_for, Duration(1)) : Duration::zero();
    hosts_.ended(candidates_[at_].host, end, lasted, now);
  }
  if (media_for) {
    failures_ = 0;
    // The same URL is asked again unless it stalled; among equals another host is next then.
    if (end == ConnectionEnd::stalled && !candidates_.empty()) at_ = (at_ + 1) % candidates_.size();
    begin_with_best(now);
    not_before_ = now;
    return;
  }
  ++failures_;
  if (settings_.max_retry_times > 0 && failures_ >= settings_.max_retry_times) {
    gave_up_ = true;
    return;
  }
  ++tried_;
  if (!candidates_.empty()) at_ = (at_ + 1) % candidates_.size();
  // A reply that is no stream comes from the whole CDN alike: asking its other hosts at once would hammer it.
  if (end == ConnectionEnd::no_stream || tried_ >= candidates_.size()) wait_for_new_play_info(now, random);
}

void ConnectionPolicy::wait_for_new_play_info(TimePoint now, Random& random) {
  candidates_.clear();
  tried_ = 0;
  not_before_ = now + jittered(settings_.retry_interval, 0.2, random);
}

void ConnectionPolicy::wake() {
  not_before_ = TimePoint::min();
  if (!gave_up_) return;
  gave_up_ = false;
  failures_ = 0;
  candidates_.clear();
  tried_ = 0;
}

}  // namespace live::recorder
