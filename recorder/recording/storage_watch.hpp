// SPDX-License-Identifier: Apache-2.0
// Whether the volume takes a recording: free space, a trial write after a failure, how long it has been
// silent.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "recorder/recording/recording_output.hpp"
#include "recorder/storage/disk_gate.hpp"

namespace live::recorder {

struct StorageProblem {
  std::string_view reason;  // of the condition StorageWritable
  std::string message;
  bool stalled = false;  // it does not answer: what waits stays in the bounded queue, nothing is given up
  bool operator==(const StorageProblem&) const = default;
};

class StorageWatch {
 public:
  // A file operation that has not come back for so long.
  static constexpr Duration usual_stall = std::chrono::seconds(10);

  StorageWatch(RecordingStorage storage, Clock& clock, Duration stalled_after = usual_stall);

  // Once a second while recording, while there is a problem or a look is under way, else now and then: looks
  // at the volume when that is due. After a failure the look is a trial write.
  void tick(std::uint64_t bytes_per_second);
  // A recording could not be written. The problem stays until a trial write begun later has come through.
  void failed(const storage::DiskFailure& failure);

  const std::optional<StorageProblem>& problem() const { return problem_; }
  // The next tick() may know more.
  bool is_looking() const { return look_ != nullptr; }
  // Of the newest look; nothing before the first.
  std::optional<std::uint64_t> free_bytes() const { return free_bytes_; }

 private:
  struct Look;
  void look();
  void take(const Look& look);

  RecordingStorage storage_;
  Clock& clock_;
  Duration stalled_after_;
  storage::DiskGate gate_;
  std::shared_ptr<Look> look_;  // under way
  std::uint64_t bytes_per_second_ = 0;
  TimePoint next_look_ = TimePoint::min();
  std::optional<storage::DiskFailure> failure_;
  std::optional<StorageProblem> problem_;
  std::optional<std::uint64_t> free_bytes_;
};

// DiskFull or WriteFailed.
std::string_view disk_reason(const error_code& code);

}  // namespace live::recorder
