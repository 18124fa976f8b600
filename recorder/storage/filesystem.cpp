// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/filesystem.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace live::storage {
namespace {

constexpr mode_t file_mode = 0644;
constexpr mode_t directory_mode = 0755;

[[noreturn]] void fail(const std::string& what) {
  throw system_error(error_code(errno, boost::system::system_category()), what);
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  void write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("write " + path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }

  void write_at(std::uint64_t offset, ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("write " + path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
  }

  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t count =
          ::pread(fd_, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("read " + path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  std::uint64_t size() override {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) fail("stat " + path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  void truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail("truncate " + path_);
    // Appending goes on at the new end.
    if (::lseek(fd_, 0, SEEK_END) < 0) fail("seek " + path_);
  }

  void sync_data() override {
    if (::fdatasync(fd_) != 0) fail("fdatasync " + path_);
  }

  Lock try_lock() override {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd_, F_OFD_SETLK, &lock) == 0) return Lock::taken;
    if (errno == EAGAIN || errno == EACCES) return Lock::held_by_other;
    if (errno == ENOLCK || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
      return Lock::unsupported;
    fail("lock " + path_);
  }

 private:
  int fd_;
  std::string path_;
};

int open_flags(OpenMode mode) {
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
      return O_RDONLY;
  }
  return O_RDONLY;
}

WallTime to_wall_time(const timespec& time) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(time.tv_sec) +
                                                                 std::chrono::nanoseconds(time.tv_nsec)));
}

}  // namespace

std::unique_ptr<File> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  const int fd = ::open(path.c_str(), open_flags(mode) | O_CLOEXEC | O_NOFOLLOW, file_mode);
  if (fd < 0) fail("open " + path);
  auto file = std::make_unique<PosixFile>(fd, path);
  // Appends begin at the end, also in a file that is gone on with.
  if (mode != OpenMode::read_only && ::lseek(fd, 0, SEEK_END) < 0) fail("seek " + path);
  return file;
}

std::optional<FileStat> PosixFileSystem::stat(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail("stat " + path);
  }
  return FileStat{static_cast<std::uint64_t>(info.st_size), S_ISDIR(info.st_mode),
                  to_wall_time(info.st_mtim)};
}

std::vector<std::string> PosixFileSystem::list(const std::string& directory) {
  std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
  if (!handle) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    fail("list " + directory);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(handle.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) fail("list " + directory);
  return names;
}

void PosixFileSystem::make_directories(const std::string& directory) {
  for (std::size_t end = 1; end <= directory.size(); ++end) {
    if (end != directory.size() && directory[end] != '/') continue;
    const std::string part = directory.substr(0, end);
    if (::mkdir(part.c_str(), directory_mode) != 0 && errno != EEXIST) {
      // A parent that we may not write in but that is there is no obstacle.
      const int error = errno;
      struct stat info {};
      if (::stat(part.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) continue;
      errno = error;
      fail("make directory " + part);
    }
  }
}

void PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename " + from);
}

bool PosixFileSystem::rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) fail("rename " + from);
  // The file system does not know RENAME_NOREPLACE: a hard link refuses a taken name as well, and where there
  // are no links either the name is looked at first. The directory's lock keeps others of our kind out.
  if (::link(from.c_str(), to.c_str()) == 0) {
    if (::unlink(from.c_str()) != 0) fail("unlink " + from);
    return true;
  }
  if (errno == EEXIST || stat(to)) return false;
  rename(from, to);
  return true;
}

bool PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  fail("remove " + path);
}

void PosixFileSystem::sync_directory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("open " + directory);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  errno = error;
  // Some network file systems refuse to sync a directory; there is nothing more that could be done there.
  if (result != 0 && errno != EINVAL && errno != EOPNOTSUPP) fail("fsync " + directory);
}

FileSystemSpace PosixFileSystem::space(const std::string& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) fail("statvfs " + directory);
  return {static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize,
          static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize};
}

void replace_file(FileSystem& files, const std::string& path, ByteView content) {
  const std::string temporary = path + ".tmp";
  {
    const std::unique_ptr<File> file = files.open(temporary, OpenMode::create_or_truncate);
    file->write(content);
    file->sync_data();
  }
  files.rename(temporary, path);
  files.sync_directory(std::string(directory_of(path)));
}

std::optional<std::string> read_whole(FileSystem& files, const std::string& path, std::size_t max_size) {
  const std::optional<FileStat> info = files.stat(path);
  if (!info) return std::nullopt;
  if (info->size > max_size) {
    throw system_error(boost::system::errc::make_error_code(boost::system::errc::file_too_large),
                       "read " + path);
  }
  const std::unique_ptr<File> file = files.open(path, OpenMode::read_only);
  std::string text(info->size, '\0');
  text.resize(file->read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && !name.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace live::storage
