// SPDX-License-Identifier: Apache-2.0
// <directory>/.liveroom/trash: leftovers that are not worth a file, kept for a while.
#pragma once
#include <string>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

inline constexpr std::chrono::hours trash_age{7 * 24};  // by the file's last write
inline constexpr std::uint64_t trash_bytes = std::uint64_t{1} << 30;

struct EmptiedTrash {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Removes what is older than trash_age, then the oldest until most_bytes are left. Blocking; throws
// system_error.
EmptiedTrash limit_trash(FileSystem& files, const std::string& root, WallTime now,
                         std::uint64_t most_bytes = trash_bytes);

}  // namespace live::storage
