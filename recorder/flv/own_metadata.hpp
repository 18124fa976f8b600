// SPDX-License-Identifier: Apache-2.0
// The onMetaData that stands at the head of our files: what is in it, and where the values are that change.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "recorder/flv/keyframe_index.hpp"
#include "recorder/flv/sink.hpp"

namespace live::flv {

// Source metadata is repeated as far as it is small: larger values break some readers.
constexpr std::size_t largest_source_value = 1024;
constexpr std::size_t largest_source_metadata = std::size_t{16} << 10;
// Longer texts of the caller are cut at a code point; what is more than this in all is left out.
constexpr std::size_t longest_text = 4096;
constexpr std::size_t largest_own_metadata = std::size_t{16} << 10;
// The rest of the body without the index: names, marks, the well-known keys.
constexpr std::size_t largest_known_metadata = 1024;
constexpr std::size_t largest_metadata_body(std::size_t index_entries) {
  return largest_known_metadata + largest_source_metadata + largest_own_metadata +
         KeyframeIndex::encoded_size(index_entries);
}

// The script body: the well-known keys first (some players stop at a long unknown one), then what else the
// source said, then the caller's, then the index.
Bytes make_metadata_body(const FileHeaders& headers, const std::vector<amf::Property>& own,
                         const KeyframeIndex& index);

// Offsets inside a script body: of the 8 bytes of a number, and of the index's object.
struct MetadataPlaces {
  std::optional<std::size_t> duration;
  std::optional<std::size_t> file_size;
  std::optional<std::size_t> last_timestamp;
  std::optional<std::size_t> last_key_timestamp;
  std::optional<std::size_t> last_key_location;
  std::optional<std::size_t> index;
  std::size_t index_size = 0;
};

// Nothing for bodies that are no onMetaData. Finds the places in files of others too, where they exist.
std::optional<MetadataPlaces> find_places(ByteView body);

struct MetadataNumbers {
  std::int64_t duration_ms = 0;
  std::uint64_t file_size = 0;
  std::int64_t last_ms = 0;
  KeyframeIndex::Entry last_key;
};

// Patches the numbers, and the index if given (its encoded size must be the one in the file, else it is
// left). `body_offset` is where the script body stands in the file.
void patch_metadata(ByteSink& bytes, std::uint64_t body_offset, const MetadataPlaces& places,
                    const MetadataNumbers& numbers, const KeyframeIndex* index);

}  // namespace live::flv
