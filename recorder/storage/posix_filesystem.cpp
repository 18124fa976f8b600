// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {
namespace {

constexpr mode_t file_mode = 0644;
constexpr mode_t directory_mode = 0755;

[[noreturn]] void fail(int code, const char* operation, const std::string& path) {
  throw system_error(error_code(code, boost::system::system_category()), std::string(operation) + " " + path);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) { end_ = size(); }

  void write(ByteView bytes) override {
    // Not O_APPEND: Linux would append what is written at an offset, too.
    write_at(end_, bytes);
    end_ += bytes.size();
  }

  void write_at(std::uint64_t offset, ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(errno, "write", path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
  }

  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    std::size_t total = 0;
    while (total < to.size()) {
      const ssize_t count =
          ::pread(fd_.get(), to.data() + total, to.size() - total, static_cast<off_t>(offset + total));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(errno, "read", path_);
      if (count == 0) break;
      total += static_cast<std::size_t>(count);
    }
    return total;
  }

  std::uint64_t size() final {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) fail(errno, "stat", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  void truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) fail(errno, "truncate", path_);
    end_ = size;
  }

  void sync_data() override {
    if (::fdatasync(fd_.get()) != 0) fail(errno, "fdatasync", path_);
  }

  Lock try_lock() override {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd_.get(), F_OFD_SETLK, &lock) == 0) return Lock::taken;
    switch (errno) {
      case EAGAIN:
      case EACCES:
        return Lock::held_by_other;
      case ENOLCK:
      case EINVAL:
      case ENOSYS:
      case EOPNOTSUPP:
        return Lock::unsupported;
      default:
        fail(errno, "lock", path_);
    }
  }

 private:
  Descriptor fd_;
  std::string path_;
  std::uint64_t end_ = 0;  // where write() goes on
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::create_new:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::create_or_open:
      return O_RDWR | O_CREAT;
    case OpenMode::create_or_truncate:
      return O_RDWR | O_CREAT | O_TRUNC;
    case OpenMode::existing:
      return O_RDWR;
    case OpenMode::read_only:
      break;
  }
  return O_RDONLY;
}

}  // namespace

std::unique_ptr<File> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  const int fd = ::open(path.c_str(), flags_of(mode) | O_CLOEXEC | O_NOFOLLOW, file_mode);
  if (fd < 0) fail(errno, "open", path);
  return std::make_unique<PosixFile>(fd, path);
}

std::optional<FileStat> PosixFileSystem::stat(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail(errno, "stat", path);
  }
  FileStat result;
  result.size = static_cast<std::uint64_t>(info.st_size);
  result.is_directory = S_ISDIR(info.st_mode);
  const auto since_epoch =
      std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec);
  result.modified = WallTime(std::chrono::duration_cast<WallTime::duration>(since_epoch));
  return result;
}

std::vector<std::string> PosixFileSystem::list(const std::string& directory) {
  std::vector<std::string> names;
  DIR* handle = ::opendir(directory.c_str());
  if (handle == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return names;
    fail(errno, "list", directory);
  }
  while (const dirent* entry = ::readdir(handle)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(handle);
  return names;
}

void PosixFileSystem::make_directories(const std::string& directory) {
  for (std::size_t end = 1; end <= directory.size(); ++end) {
    if (end < directory.size() && directory[end] != '/') continue;
    const std::string part = directory.substr(0, end);
    if (::mkdir(part.c_str(), directory_mode) == 0 || errno == EEXIST) continue;
    const int code = errno;
    // A parent on a read-only volume says so although it is there.
    const std::optional<FileStat> info = stat(part);
    if (!info || !info->is_directory) fail(code, "mkdir", part);
  }
}

void PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail(errno, "rename", from);
}

bool PosixFileSystem::rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) fail(errno, "rename", from);
  // Network volumes without this rename: a hard link is as good, a look before is the next best.
  if (::link(from.c_str(), to.c_str()) == 0) {
    if (::unlink(from.c_str()) != 0) fail(errno, "unlink", from);
    return true;
  }
  if (errno == EEXIST) return false;
  if (stat(to)) return false;
  rename(from, to);
  return true;
}

bool PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  fail(errno, "remove", path);
}

void PosixFileSystem::sync_directory(const std::string& directory) {
  const Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.get() < 0) fail(errno, "open", directory);
  // Some file systems have no fsync for directories.
  if (::fsync(handle.get()) != 0 && errno != EINVAL && errno != EROFS) fail(errno, "fsync", directory);
}

FileSystemSpace PosixFileSystem::space(const std::string& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) fail(errno, "statvfs", directory);
  return {std::uint64_t{info.f_bavail} * info.f_frsize, std::uint64_t{info.f_blocks} * info.f_frsize};
}

}  // namespace live::storage
