// SPDX-License-Identifier: Apache-2.0
// A volume in memory that fails as real ones do: full, with I/O errors, killed between any two operations, or
// cut from power. Thread-safe, so that it can stand behind a DiskThread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "recorder/storage/filesystem.hpp"

namespace live::test {

// What every operation throws from the moment of the kill on.
struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

class FaultFileSystem final : public storage::FileSystem {
 public:
  enum class Operation {
    open,
    write,
    write_at,
    read,
    truncate,
    sync_data,
    rename,
    remove,
    sync_directory,
    other
  };

  FaultFileSystem();
  ~FaultFileSystem() override;

  std::unique_ptr<storage::File> open(const std::string& path, storage::OpenMode mode) override;
  std::optional<storage::FileStat> stat(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void make_directories(const std::string& directory) override;
  void rename(const std::string& from, const std::string& to) override;
  bool rename_new(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void sync_directory(const std::string& directory) override;
  storage::FileSystemSpace space(const std::string& directory) override;

  // All files together may have so many bytes; a write that does not fit writes what does and throws
  // no_space.
  void set_capacity(std::uint64_t bytes);
  // The next operation of that kind, after `skip` others of it, throws this error.
  void fail_next(Operation operation, int code, int skip = 0);
  // Operations that change something, so far. After `count` of them in all, everything throws Killed. A write
  // that is hit has written half of its bytes.
  std::uint64_t changes() const;
  void kill_after(std::uint64_t count);
  bool killed() const;
  // A new process: nothing is killed, no lock is held; what was written is there.
  void restart();
  // Power was lost: what was not synced is gone, of files as of names. Then as restart().
  void lose_power();
  // A volume without file locks.
  void set_locks(bool supported);
  // The time of writes from now on.
  void set_time(WallTime now);
  // Runs before each operation of the kind, on the thread of the caller.
  void set_hook(std::function<void(Operation)> hook);

  bool exists(const std::string& path) const;
  Bytes content(const std::string& path) const;
  void put(const std::string& path, Bytes content);  // whole and synced
  std::vector<std::string> files() const;            // paths, sorted

 private:
  friend class FaultFile;
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  // Throws what is due; true when a kill hits this very operation.
  bool begin(Operation operation, bool changes);
  void write_bytes(Node& node, std::uint64_t offset, ByteView bytes);
  std::shared_ptr<Node> find(const std::string& path, const char* operation) const;
  std::uint64_t used() const;

  mutable std::recursive_mutex mutex_;
  Names names_;
  Names synced_names_;
  std::map<std::string, bool> directories_;
  std::optional<std::uint64_t> capacity_;
  struct Fault {
    Operation operation;
    int code;
    int skip;
  };
  std::vector<Fault> faults_;
  std::uint64_t changes_ = 0;
  std::optional<std::uint64_t> kill_after_;
  bool killed_ = false;
  std::uint64_t process_ = 1;
  bool locks_ = true;
  WallTime now_{};
  std::function<void(Operation)> hook_;
};

}  // namespace live::test
