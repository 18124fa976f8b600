// SPDX-License-Identifier: Apache-2.0
// The last guard against two recorders in one directory: an OFD lock on <directory>/.liveroom/lock. Where the
// volume has no locks, a heartbeat: a record that its holder renews, and that another takes over only after
// it has seen no renewal for a minute.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct LockHolder {
  std::string name;  // pod or host name
  std::int64_t pid = 0;
  std::int64_t started = 0;  // Unix milliseconds: tells a process from an earlier one with that number
  bool operator==(const LockHolder&) const = default;
};

// What somebody who waits has seen of another's heartbeat. Kept between two attempts.
struct HeartbeatWatch {
  std::string record;
  TimePoint since{};  // when this very record was seen first
};

// Held while the object lives.
class DirectoryLock {
 public:
  // How often beat() is due, and how long a record must have stood still to be taken over.
  static constexpr Duration beat_interval = std::chrono::seconds(10);
  static constexpr Duration takeover_after = std::chrono::seconds(60);

  struct HeldBy {
    LockHolder holder;  // empty when the record can't be read
  };
  // A heartbeat record was written; it is ours if it is still there at the next attempt.
  struct Claimed {};
  using Outcome = std::variant<std::unique_ptr<DirectoryLock>, HeldBy, Claimed>;

  // Blocking: on the disk thread. Makes the directories. Throws system_error.
  static Outcome acquire(FileSystem& files, const std::string& directory, const LockHolder& self,
                         HeartbeatWatch& watch, TimePoint now);

  // Whether the volume has no locks and the heartbeat stands in: then beat() is due each beat_interval.
  bool by_heartbeat() const { return !file_; }
  // Renews the record. False when somebody else has taken the directory over: nothing may be written any
  // more. Blocking; throws system_error.
  bool beat();
  // Lets go at once instead of leaving a record to grow old. Blocking; throws system_error.
  void release();

 private:
  DirectoryLock(FileSystem& files, std::string heartbeat, const LockHolder& self, std::unique_ptr<File> file)
      : files_(files), heartbeat_(std::move(heartbeat)), self_(self), file_(std::move(file)) {}

  FileSystem& files_;
  std::string heartbeat_;  // path
  LockHolder self_;
  std::unique_ptr<File> file_;  // with the lock; none: by heartbeat
  std::uint64_t beats_ = 0;
};

}  // namespace live::storage
