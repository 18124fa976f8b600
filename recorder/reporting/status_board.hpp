// SPDX-License-Identifier: Apache-2.0
// The recorder's view of itself as it is to stand in the LiveRoom's status; whoever learns something writes
// it here.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/notifier.hpp"
#include "liveroom/recorder_status.hpp"

namespace live::recorder {

// One thread.
class StatusBoard {
 public:
  // All conditions start as Unknown, reason Pending.
  StatusBoard(const Executor& executor, const Clock& clock, liveroom::RecorderInfo info);

  const liveroom::RecorderStatus& status() const { return status_; }

  void set(liveroom::ConditionType type, liveroom::ConditionStatus value, std::string_view reason,
           std::string_view message = {});
  // To change what is not a condition; the change is noticed.
  liveroom::RecorderStatus& edit();

  // What the LiveRoom knew from an earlier recorder: totals, last recording, and when conditions last
  // changed. What this recorder has done since it started is kept and added.
  void adopt(const liveroom::RecorderStatus& earlier);

  // Ends at the next change after the call; false when stopped.
  awaitable<bool> changed(std::stop_token stop) { return changed_.wait(std::move(stop)); }
  std::uint64_t version() const { return version_; }

 private:
  void touch();

  const Clock& clock_;
  liveroom::RecorderStatus status_;
  Notifier changed_;
  std::uint64_t version_ = 0;
};

}  // namespace live::recorder
