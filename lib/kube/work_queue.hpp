// SPDX-License-Identifier: Apache-2.0
// Keys that need a run. A key is never with two workers, a burst is one run, and a change during a run gives
// exactly one more. Pure: time and randomness come from the caller.
#pragma once
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/object.hpp"

namespace live::kube {

// Low: keys of an initial list, so that news goes before them after a restart.
enum class Priority { normal, low };

struct QueueLimits {
  Duration min_backoff = std::chrono::milliseconds(5);
  Duration max_backoff = std::chrono::seconds(120);
  double jitter = 0.2;  // a wait w becomes w * (1 - jitter) .. w
};

class WorkQueue {
 public:
  explicit WorkQueue(QueueLimits limits = {}) : limits_(limits) {}

  struct Item {
    ObjectKey key;
    Priority priority = Priority::normal;
    Duration waited{};  // since it became ready
  };

  // False when the key needed a run already. The higher of two priorities counts.
  bool add(const ObjectKey& key, Priority priority, TimePoint now);
  // Not before `when`; of several times the earliest counts. A run before it makes it void.
  void add_at(const ObjectKey& key, TimePoint when);
  // After a failed run: after min × 2^n, but at least `at_least`. Call before done().
  void add_failed(const ObjectKey& key, TimePoint now, Random& random, Duration at_least = Duration::zero());
  // What has failed so far says nothing about a key: those that wait after a failed run become due, though
  // not before the time that they had to wait at least, and the next failure starts from min.
  void hasten(TimePoint now);
  // After a run that went well: the next failure starts from min again.
  void forget(const ObjectKey& key);

  // The next key whose time has come; it is in work until done().
  std::optional<Item> take(TimePoint now);
  void done(const ObjectKey& key, TimePoint now);

  // When take() will have something that is only waiting for its time; now or earlier if something is ready;
  // TimePoint::max() when nothing is.
  TimePoint next_due() const;
  std::size_t ready() const { return ready_count_; }
  std::size_t delayed() const { return delayed_.size(); }
  std::size_t in_work() const { return in_work_count_; }
  // Nothing ready, nothing in work; delayed keys do not count.
  bool idle() const { return ready_count_ == 0 && in_work_count_ == 0; }
  int failures(const ObjectKey& key) const;
  // For metrics: f(began) for each key in work.
  template <class F>
  void for_each_in_work(F f) const {
    for (const auto& [key, entry] : entries_)
      if (entry.in_work) f(entry.began);
  }

 private:
  struct Entry {
    bool ready = false;
    bool in_work = false;
    bool again = false;  // became ready while in work
    Priority priority = Priority::normal;
    TimePoint since{};  // ready since
    TimePoint began{};  // in work since
    std::optional<TimePoint> due;
    TimePoint earliest{};  // after a failure
    int failures = 0;
  };
  using Entries = std::unordered_map<ObjectKey, Entry, ObjectKeyHash>;

  bool make_ready(const ObjectKey& key, Entry& entry, Priority priority, TimePoint now);
  void promote_due(TimePoint now);
  void drop_delay(const ObjectKey& key, Entry& entry);
  void drop_if_unused(const ObjectKey& key);
  std::deque<ObjectKey>& line(Priority priority) { return priority == Priority::normal ? normal_ : low_; }

  QueueLimits limits_;
  Entries entries_;
  std::deque<ObjectKey> normal_;
  std::deque<ObjectKey> low_;  // may hold keys that have moved to normal_ since
  std::set<std::pair<TimePoint, ObjectKey>> delayed_;
  std::size_t ready_count_ = 0;
  std::size_t in_work_count_ = 0;
};

}  // namespace live::kube
