// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/repeat_filter.hpp"

#include <algorithm>
#include <functional>

namespace live::bilibili {

// True when it was known.
bool RepeatFilter::remember(std::string_view kind, std::string_view id) {
  if (id.empty()) return false;
  std::string whole(kind);
  whole += ':';
  whole += id;
  const std::uint64_t hash = std::hash<std::string>()(whole);
  if (!known_.insert(hash).second) return true;
  order_.push_back(hash);
  if (order_.size() > max_remembered) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

bool RepeatFilter::is_repeated_guard(Guard guard) {
  while (!guards_.empty() &&
         (guard.when - guards_.front().when > guard_window || guards_.size() > max_guards)) {
    guards_.pop_front();
  }
  const auto same = std::find_if(guards_.begin(), guards_.end(), [&guard](const Guard& one) {
    const bool other_half = (guard.bought && !one.bought) || (guard.toasted && !one.toasted);
    const bool same_viewer = one.uid == guard.uid && (one.uid != 0 || one.user == guard.user);
    return same_viewer && one.level == guard.level && other_half;
  });
  if (same == guards_.end()) {
    guards_.push_back(std::move(guard));
    return false;
  }
  same->bought = same->bought || guard.bought;
  same->toasted = same->toasted || guard.toasted;
  return true;
}

bool RepeatFilter::is_repeat(const MessageContent& content, TimePoint now) {
  if (const auto* chat = std::get_if<SuperChat>(&content)) {
    return remember("sc", std::to_string(chat->id));
  }
  if (const auto* sent = std::get_if<GiftsSent>(&content)) {
    bool all = true;
    for (const Gift& gift : sent->gifts) all = remember("gift", gift.id) && all;
    return all && !sent->gifts.empty();
  }
  if (const auto* toast = std::get_if<GuardToast>(&content)) {
    if (remember("guard", toast->payflow_id)) return true;
    return is_repeated_guard({now, toast->uid, toast->user, toast->level, false, true});
  }
  if (const auto* guard = std::get_if<GuardBought>(&content)) {
    return is_repeated_guard({now, guard->uid, guard->user, guard->level, true, false});
  }
  return false;
}

}  // namespace live::bilibili
