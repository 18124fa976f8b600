// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/trash.hpp"

#include <algorithm>

#include "recorder/storage/segment_name.hpp"

namespace live::storage {

EmptiedTrash limit_trash(FileSystem& files, const std::string& root, WallTime now, std::uint64_t most_bytes) {
  struct Entry {
    WallTime modified;
    std::string path;
    std::uint64_t size;
  };
  const std::string trash = join_path(join_path(root, private_directory), "trash");
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  for (const std::string& name : files.list(trash)) {
    const std::string path = join_path(trash, name);
    const std::optional<FileStat> info = files.stat(path);
    if (!info || info->is_directory) continue;
    entries.push_back({info->modified, path, info->size});
    total += info->size;
  }
  std::ranges::sort(entries, {}, &Entry::modified);
  EmptiedTrash removed;
  for (const Entry& entry : entries) {
    if (now - entry.modified <= trash_age && total <= most_bytes) break;
    files.remove(entry.path);
    total -= entry.size;
    ++removed.files;
    removed.bytes += entry.size;
  }
  return removed;
}

}  // namespace live::storage
