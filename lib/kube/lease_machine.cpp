// SPDX-License-Identifier: Apache-2.0
#include "kube/lease_machine.hpp"

#include <algorithm>
#include <utility>

namespace live::kube {

LeaseMachine::Action LeaseMachine::next(TimePoint now, WallTime wall_now) {
  if (leading_ && now >= deadline()) {
    leading_ = false;
    lost_ = true;
  }
  if (lost_) return Lost{};
  if (wait_until_) {
    const TimePoint until = leading_ ? std::min(*wait_until_, deadline()) : *wait_until_;
    if (now < until) return Wait{until};
    wait_until_.reset();
  }
  if (!fresh_) return Read{};
  if (!present_) return Create{wanted(wall_now)};
  if (leading_ || free_to_take(now)) return Update{wanted(wall_now)};
  fresh_ = false;
  wait_until_ = now + pause();
  return Wait{*wait_until_};
}

// A lease in our own name that we do not hold is that of an earlier life: identities are unique, so nobody
// else uses it.
bool LeaseMachine::free_to_take(TimePoint now) const {
  if (record_.holder.empty() || record_.holder == identity_) return true;
  const auto duration =
      record_.duration_seconds > 0 ? std::chrono::seconds(record_.duration_seconds) : times_.duration;
  return now - changed_at_ >= duration;
}

Duration LeaseMachine::pause() {
  if (leading_) return times_.retry;
  const std::chrono::duration<double, Duration::period> length(times_.retry);
  return std::chrono::duration_cast<Duration>(length * (1.0 + times_.spread * random_.unit()));
}

LeaseRecord LeaseMachine::wanted(WallTime wall_now) const {
  LeaseRecord record;
  record.holder = identity_;
  record.duration_seconds = times_.duration.count();
  record.renewed = wall_now;
  const bool goes_on = ours();
  record.acquired = goes_on ? record_.acquired : wall_now;
  record.transitions = present_ ? record_.transitions + (goes_on ? 0 : 1) : 0;
  return record;
}

LeaseRecord LeaseMachine::released(WallTime wall_now) const {
  LeaseRecord record = record_;
  record.holder.clear();
  record.duration_seconds = 1;
  record.renewed = wall_now;
  record.acquired = wall_now;
  return record;
}

void LeaseMachine::was_read(TimePoint now, std::optional<LeaseRecord> record) {
  fresh_ = true;
  present_ = record.has_value();
  if (record && *record != record_) {
    record_ = *std::move(record);
    changed_at_ = now;
  }
  if (leading_ && present_ && !ours()) {
    leading_ = false;
    lost_ = true;
  }
}

void LeaseMachine::was_written(TimePoint sent, TimePoint now, const LeaseRecord& record) {
  fresh_ = true;
  present_ = true;
  record_ = record;
  changed_at_ = sent;
  leading_ = true;
  refused_before_ = false;
  renewed_at_ = sent;
  // From the sending on, so that slow answers leave time for the next renewal before the deadline.
  wait_until_ = std::max(now, sent + times_.retry);
}

void LeaseMachine::was_refused(TimePoint now) {
  fresh_ = false;
  // The holder looks at once who was faster; the second time it waits like everybody.
  if (leading_ && !std::exchange(refused_before_, true)) return;
  wait_until_ = now + pause();
}

void LeaseMachine::has_failed(TimePoint now) {
  // A write without an answer may have been done: read before the next.
  fresh_ = false;
  wait_until_ = now + pause();
}

}  // namespace live::kube
