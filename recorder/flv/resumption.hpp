// SPDX-License-Identifier: Apache-2.0
// Where an earlier pipeline ended (in an earlier process, or because of the volume), so that another goes on
// from there: in the same file, or in the next one without any tag twice.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "recorder/flv/action.hpp"
#include "recorder/flv/pipeline.hpp"

namespace live::flv {

struct FileScan;

struct Resumption {
  std::vector<RememberedTag> tags;  // written last, oldest first
  // Of the last video and the last audio tag, milliseconds: in the file.
  std::array<std::optional<std::int64_t>, 2> last_time;
  // Source time minus file time, of the last time base. Where nobody knows it, 0: then the length of the gap
  // is told by arrival times alone.
  std::int64_t source_offset = 0;
  // On the clock of the pipeline that goes on: the smallest (arrival - source time) of that time base, and
  // when the last tag arrived.
  std::optional<std::int64_t> lag;
  ArrivalTime last_arrival = 0;

  // The file that goes on; none: the next file is a new one.
  struct File {
    std::array<std::optional<Header>, 2> headers;  // video, audio
    std::uint64_t size = 0;
    std::int64_t key_time = 0;  // of the last key frame, and where it stands
    std::uint64_t key_position = 0;
    std::int64_t longest_gop = 0;
    std::uint64_t largest_gop = 0;
  };
  std::optional<File> file;

  std::optional<std::int64_t> end() const {
    return last_time[0] && last_time[1] ? std::max(*last_time[0], *last_time[1])
                                        : (last_time[0] ? last_time[0] : last_time[1]);
  }
  std::optional<std::int64_t> source(std::size_t type) const {
    if (!last_time[type]) return std::nullopt;
    return *last_time[type] + source_offset;
  }
};

// What a scan tells of a file that is to go on.
Resumption::File resumed_file(const FileScan& scan);

}  // namespace live::flv
