// SPDX-License-Identifier: Apache-2.0
// Files as a seam: everything that storage does to a volume goes through here. All calls block (they run on
// the disk thread) and throw system_error when the system refuses, unless they say otherwise.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace live::storage {

// One open file, used by one thread at a time. Closed by the destructor (errors of close are not reported:
// sync_data() first where they matter).
class File {
 public:
  virtual ~File() = default;
  // Appends all of it, whatever number of writes that takes.
  virtual void write(ByteView bytes) = 0;
  virtual void write_at(std::uint64_t offset, ByteView bytes) = 0;
  // As many bytes as there are from `offset` on; fewer than asked for only at the end of the file.
  virtual std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) = 0;
  virtual std::uint64_t size() = 0;
  virtual void truncate(std::uint64_t size) = 0;
  virtual void sync_data() = 0;

  enum class Lock { taken, held_by_other, unsupported };
  // An OFD write lock on the whole file, let go when the file is closed or the process ends.
  virtual Lock try_lock() = 0;
};

enum class OpenMode {
  create_new,      // fails with file_exists when the name is taken
  create_or_open,  // read and write; not truncated
  create_or_truncate,
  existing,  // read and write
  read_only,
};

struct FileStat {
  std::uint64_t size = 0;
  bool is_directory = false;
  WallTime modified{};
};

struct FileSystemSpace {
  std::uint64_t free_bytes = 0;  // for this user
  std::uint64_t total_bytes = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // New files are 0644.
  virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
  // Nothing when there is no such file.
  virtual std::optional<FileStat> stat(const std::string& path) = 0;
  // Names, without "." and "..", in no order. Empty when there is no such directory.
  virtual std::vector<std::string> list(const std::string& directory) = 0;
  // With all parents, 0755. Existing ones are no error.
  virtual void make_directories(const std::string& directory) = 0;
  // Replaces what is there.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  // False, and nothing done, when `to` exists.
  virtual bool rename_new(const std::string& from, const std::string& to) = 0;
  // False when there was no such file.
  virtual bool remove(const std::string& path) = 0;
  virtual void sync_directory(const std::string& directory) = 0;
  virtual FileSystemSpace space(const std::string& directory) = 0;
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  std::optional<FileStat> stat(const std::string& path) override;
  std::vector<std::string> list(const std::string& directory) override;
  void make_directories(const std::string& directory) override;
  void rename(const std::string& from, const std::string& to) override;
  bool rename_new(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void sync_directory(const std::string& directory) override;
  FileSystemSpace space(const std::string& directory) override;
};

// Content by temporary name, fdatasync, rename, fsync of the directory: old or new, never half.
void replace_file(FileSystem& files, const std::string& path, ByteView content);
// Nothing when there is no such file. Throws file_too_large above `max_size`.
std::optional<std::string> read_whole(FileSystem& files, const std::string& path,
                                      std::size_t max_size = std::size_t{4} << 20);

std::string join_path(std::string_view directory, std::string_view name);
std::string_view directory_of(std::string_view path);  // "." when there is none
std::string_view name_of(std::string_view path);

}  // namespace live::storage
