// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/file_tail.hpp"

#include <algorithm>

#include "recorder/hls/repeat_memory.hpp"

namespace live::hls {

FileTail read_tail(ByteSource& file, std::uint64_t size) {
  const FileScan scan = scan_file(file, size);
  FileTail tail;
  tail.last_ms = scan.last_ms;
  std::uint64_t read = 0;
  for (auto media = scan.media.rbegin(); media != scan.media.rend(); ++media) {
    const std::uint64_t bytes = media->end - media->begin;
    read += bytes;
    if (read > longest_tail) break;
    Bytes content(static_cast<std::size_t>(bytes));
    if (file.read_at(media->begin, content) < content.size()) return {};
    tail.hashes.push_back(RepeatMemory::hash_of(content));
  }
  std::ranges::reverse(tail.hashes);
  return tail;
}

}  // namespace live::hls
