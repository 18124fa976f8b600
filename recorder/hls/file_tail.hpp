// SPDX-License-Identifier: Apache-2.0
// The end of one of our own fMP4 files: what was written last. No I/O of its own.
#pragma once
#include <cstdint>
#include <vector>

#include "recorder/hls/file_scan.hpp"

namespace live::hls {

struct FileTail {
  std::vector<std::uint64_t> hashes;  // of the media of its last fragments, oldest first
  std::int64_t last_ms = 0;           // file time behind the last sample
};

// At most so many bytes of media are read.
inline constexpr std::uint64_t longest_tail = std::uint64_t{64} << 20;

// Empty when it is no fMP4 file, or can't be read to its last whole fragment.
FileTail read_tail(ByteSource& file, std::uint64_t size);

}  // namespace live::hls
