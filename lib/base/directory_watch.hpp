// SPDX-License-Identifier: Apache-2.0
// Tells when the kubelet has swapped the files of a mounted directory, or when somebody has written one by
// hand.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <stop_token>
#include <string>

#include "base/asio.hpp"

namespace live {

class DirectoryWatch {
 public:
  // Throws system_error when the directory can't be watched.
  DirectoryWatch(const Executor& executor, const std::string& directory);

  // True at the next change: the symbolic link `..data` was replaced (the one event that a kubelet's atomic
  // writer gives), or a file was closed after writing or moved in. False when stopped.
  awaitable<bool> changed(std::stop_token stop);

 private:
  asio::posix::stream_descriptor descriptor_;
};

}  // namespace live
