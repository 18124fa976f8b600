// SPDX-License-Identifier: Apache-2.0
#include "base/directory_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <stop_token>
#include <vector>

#include "base/stop.hpp"

namespace live {
namespace {

int watch(const std::string& directory) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd >= 0 && ::inotify_add_watch(fd, directory.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0)
    return fd;
  const error_code error(errno, boost::system::system_category());
  if (fd >= 0) ::close(fd);
  throw system_error(error, "watch " + directory);
}

}  // namespace

DirectoryWatch::DirectoryWatch(const Executor& executor, const std::string& directory)
    : descriptor_(executor, watch(directory)) {}

awaitable<bool> DirectoryWatch::changed(std::stop_token stop) {
  if (stop.stop_requested()) co_return false;
  std::stop_callback on_stop(stop, [this] { descriptor_.cancel(); });
  std::vector<char> events(4096);
  error_code error;
  co_await descriptor_.async_read_some(asio::buffer(events), asio::redirect_error(use_awaitable, error));
  if (stop.stop_requested()) co_return false;
  if (error) throw system_error(error, "inotify");
  co_return true;
}

}  // namespace live
