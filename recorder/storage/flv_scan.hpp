// SPDX-License-Identifier: Apache-2.0
// One walk over an FLV file of ours: how much of it is whole, its key frames, its length. Blocking.
#pragma once
#include <cstdint>
#include <optional>

#include "recorder/flv/keyframe_index.hpp"
#include "recorder/flv/own_metadata.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct FlvScan {
  bool is_flv = false;
  std::uint64_t whole = 0;  // bytes from the start that are whole tags
  std::uint64_t media_tags = 0;
  std::int64_t last_ms = 0;
  std::int64_t duration_ms = 0;
  std::optional<std::uint64_t> metadata_offset;  // of the script body
  flv::MetadataPlaces places;
  flv::KeyframeIndex index{0};
};

// Stops at the first byte that begins no whole tag.
FlvScan scan_flv(File& file);

// Whether a whole tag begins somewhere behind `from`: then there is a hole at `from`, not a torn end.
bool has_tags_behind(File& file, std::uint64_t from);

// A copy without holes: what is whole up to `whole`, then each tag that is found behind it. Returns the bytes
// left out.
std::uint64_t copy_without_holes(File& from, std::uint64_t whole, File& to);

}  // namespace live::storage
