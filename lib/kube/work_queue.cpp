// SPDX-License-Identifier: Apache-2.0
#include "kube/work_queue.hpp"

#include <algorithm>

namespace live::kube {
namespace {
Duration scaled(Duration length, double by) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, Duration::period>(length) * by);
}
}  // namespace

bool WorkQueue::make_ready(const ObjectKey& key, Entry& entry, Priority priority, TimePoint now) {
  if (entry.ready || entry.again) {
    // Already known to need a run; only a higher priority changes anything.
    if (priority == Priority::low || entry.priority == Priority::normal) return false;
    entry.priority = Priority::normal;
    if (entry.ready) normal_.push_back(key);
    return false;
  }
  entry.priority = priority;
  entry.since = now;
  if (entry.in_work) {
    entry.again = true;
    return true;
  }
  entry.ready = true;
  ++ready_count_;
  line(priority).push_back(key);
  return true;
}

bool WorkQueue::add(const ObjectKey& key, Priority priority, TimePoint now) {
  return make_ready(key, entries_[key], priority, now);
}

void WorkQueue::add_at(const ObjectKey& key, TimePoint when) {
  Entry& entry = entries_[key];
  if (entry.due && *entry.due <= when) return;
  drop_delay(key, entry);
  entry.due = when;
  delayed_.emplace(when, key);
}

void WorkQueue::add_failed(const ObjectKey& key, TimePoint now, Random& random, Duration at_least) {
  Entry& entry = entries_[key];
  Duration wait = limits_.min_backoff;
  for (int i = 0; i < entry.failures && wait < limits_.max_backoff; ++i) wait *= 2;
  wait = std::min(wait, limits_.max_backoff);
  ++entry.failures;
  wait = scaled(wait, 1.0 - limits_.jitter * random.unit());
  entry.earliest = now + at_least;
  add_at(key, now + std::max(wait, at_least));
}

void WorkQueue::hasten(TimePoint now) {
  std::vector<std::pair<TimePoint, ObjectKey>> sooner;
  for (const auto& [when, key] : delayed_) {
    Entry& entry = entries_.at(key);
    if (entry.failures == 0) continue;
    entry.failures = 0;
    sooner.emplace_back(std::max(now, entry.earliest), key);
  }
  for (const auto& [when, key] : sooner) add_at(key, when);
}

void WorkQueue::forget(const ObjectKey& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.failures = 0;
  drop_if_unused(key);
}

void WorkQueue::promote_due(TimePoint now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto [when, key] = *delayed_.begin();
    delayed_.erase(delayed_.begin());
    Entry& entry = entries_[key];
    entry.due.reset();
    make_ready(key, entry, Priority::normal, when);
  }
}

std::optional<WorkQueue::Item> WorkQueue::take(TimePoint now) {
  promote_due(now);
  for (const Priority priority : {Priority::normal, Priority::low}) {
    std::deque<ObjectKey>& keys = line(priority);
    while (!keys.empty()) {
      const ObjectKey key = std::move(keys.front());
      keys.pop_front();
      const auto found = entries_.find(key);
      // A key that moved to the other line, and was perhaps worked on since.
      if (found == entries_.end() || !found->second.ready || found->second.priority != priority) continue;
      Entry& entry = found->second;
      entry.ready = false;
      entry.in_work = true;
      entry.began = now;
      drop_delay(key, entry);
      --ready_count_;
      ++in_work_count_;
      return Item{key, priority, now - entry.since};
    }
  }
  return std::nullopt;
}

void WorkQueue::done(const ObjectKey& key, TimePoint now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.in_work) return;
  Entry& entry = found->second;
  entry.in_work = false;
  --in_work_count_;
  if (std::exchange(entry.again, false)) {
    make_ready(key, entry, entry.priority, now);
  } else {
    drop_if_unused(key);
  }
}

TimePoint WorkQueue::next_due() const {
  if (ready_count_ > 0) return TimePoint::min();
  return delayed_.empty() ? TimePoint::max() : delayed_.begin()->first;
}

int WorkQueue::failures(const ObjectKey& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? 0 : found->second.failures;
}

void WorkQueue::drop_delay(const ObjectKey& key, Entry& entry) {
  if (!entry.due) return;
  delayed_.erase({*entry.due, key});
  entry.due.reset();
}

void WorkQueue::drop_if_unused(const ObjectKey& key) {
  const auto found = entries_.find(key);
  const Entry& entry = found->second;
  if (!entry.ready && !entry.in_work && !entry.again && !entry.due && entry.failures == 0)
    entries_.erase(found);
}

}  // namespace live::kube
