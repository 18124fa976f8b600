// SPDX-License-Identifier: Apache-2.0
// The last guard against two recorders in one directory: an OFD lock on <directory>/.liveroom/lock.
#pragma once
#include <memory>
#include <string>
#include <variant>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct LockHolder {
  std::string name;  // pod or host name
  std::int64_t pid = 0;
  bool operator==(const LockHolder&) const = default;
};

// Held while the object lives.
class DirectoryLock {
 public:
  struct HeldBy {
    LockHolder holder;  // empty when the record can't be read
  };
  struct Unsupported {};  // the volume has no locks
  using Outcome = std::variant<std::unique_ptr<DirectoryLock>, HeldBy, Unsupported>;

  // Blocking: on the disk thread. Makes the directories. Throws system_error.
  static Outcome acquire(FileSystem& files, const std::string& directory, const LockHolder& self);

 private:
  explicit DirectoryLock(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
};

}  // namespace live::storage
