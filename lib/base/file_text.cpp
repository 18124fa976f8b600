// SPDX-License-Identifier: Apache-2.0
#include "base/file_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace live {

Result<std::string> read_file(const std::string& path, std::size_t max_size) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure(fmt::format("{}: {}", path, std::strerror(errno)));
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      ::close(fd);
      return failure(fmt::format("{}: {}", path, std::strerror(error)));
    }
    if (count == 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > max_size) {
      ::close(fd);
      return failure(fmt::format("{}: larger than {} bytes", path, max_size));
    }
  }
  ::close(fd);
  return text;
}

}  // namespace live
