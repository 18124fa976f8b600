// SPDX-License-Identifier: Apache-2.0
// Looks through an FLV file on a disk: what of it is whole, and what its index should say. No I/O of its own.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "recorder/flv/keyframe_index.hpp"
#include "recorder/flv/own_metadata.hpp"

namespace live::flv {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // As many bytes as there are from `offset` on, up to the span's size; fewer only at the end.
  virtual std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) = 0;
};

struct FileScan {
  bool is_flv = false;
  std::uint64_t size = 0;        // of the file
  std::uint64_t whole_size = 0;  // up to the end of the last whole tag
  std::uint64_t hole_bytes = 0;  // damage in front of that: the file must be written anew
  std::uint64_t media_tags = 0;  // without headers
  std::uint64_t video_tags = 0;  // of these
  std::int64_t last_ms = 0;
  KeyframeIndex::Entry last_key;
  // From key frame to key frame, in milliseconds and in bytes.
  std::int64_t longest_gop = 0;
  std::uint64_t largest_gop = 0;
  struct Stream {
    Codec codec = Codec::none;
    Bytes header;  // the newest sequence header, the whole tag body; empty when there is none
  };
  std::array<Stream, 2> streams;  // video, audio
  // Of the first script tag, when it is onMetaData.
  std::uint64_t body_offset = 0;
  std::optional<MetadataPlaces> places;
  // As large as the one in the file, filled from the key frames found.
  std::optional<KeyframeIndex> index;
};

FileScan scan_file(ByteSource& file);

// What writing the file would have ended with: duration, size and index in place.
void patch_file(ByteSink& bytes, const FileScan& scan);

}  // namespace live::flv
