// SPDX-License-Identifier: Apache-2.0
// The end of one of our own files, read backwards by the back pointers: what was written last. No I/O of its
// own.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/pipeline.hpp"

namespace live::flv {

struct FileTail {
  std::vector<RememberedTag> tags;                       // oldest first; as many as rule E remembers
  std::array<std::optional<std::int64_t>, 2> last_time;  // of the last video and audio tag, milliseconds
};

// At most so many bytes of media are read.
constexpr std::size_t longest_tail = std::size_t{64} << 20;

// `end` is the end of a whole tag. Empty when the back pointers do not fit.
FileTail read_tail(ByteSource& file, std::uint64_t end);

}  // namespace live::flv
