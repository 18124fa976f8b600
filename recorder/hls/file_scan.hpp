// SPDX-License-Identifier: Apache-2.0
// Looks through an fMP4 file on a disk: what of it is whole. No I/O of its own.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace live::hls {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // As many bytes as there are from `offset` on, up to the span's size; fewer only at the end.
  virtual std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) = 0;
};

struct FileRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct FileScan {
  bool is_mp4 = false;           // begins with an initialisation segment
  std::uint64_t size = 0;        // of the file
  std::uint64_t whole_size = 0;  // up to the end of the last whole fragment
  std::uint64_t hole_bytes = 0;  // damage in front of that, not yet covered by a free box
  std::uint64_t fragments = 0;
  std::int64_t last_ms = 0;  // file time behind the last sample
  // All of [0, whole_size) but the holes. One range where there is none.
  std::vector<FileRange> ranges;
  // The media of the last fragments, without boxes, oldest first.
  std::vector<FileRange> media;
};
inline constexpr std::size_t remembered_fragments = 64;

// A hole is covered by a box that players pass over, so that nothing behind it moves. These are its first
// bytes; holes are at least 8 bytes long.
std::vector<std::uint8_t> cover_of(std::uint64_t hole_bytes);

// Boxes alone are read, so that a file of gigabytes takes a moment.
FileScan scan_file(ByteSource& file, std::uint64_t size);

}  // namespace live::hls
