// SPDX-License-Identifier: Apache-2.0
// One FLV file as bytes: own onMetaData with room for the index, headers, tags; index and duration patched
// later.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/keyframe_index.hpp"
#include "recorder/flv/own_metadata.hpp"
#include "recorder/flv/sink.hpp"

namespace live::flv {

struct WriterOptions {
  // The caller's keys (title, start time, …), in order, behind the well-known ones. Long texts are cut.
  std::vector<amf::Property> metadata;
  std::size_t index_entries = KeyframeIndex::usual_capacity;
};

class FileWriter {
 public:
  // Appends header, script and sequence headers at once.
  FileWriter(ByteSink& bytes, const FileHeaders& headers, const WriterOptions& options);
  // Goes on at the end of the whole tags of one of our own files.
  FileWriter(ByteSink& bytes, const FileScan& scan);

  void write(const OutputTag& tag);

  // Takes out what was written from the last key frame on; at most once for each.
  void take_back();

  // Duration, last timestamp and size (and the index when `with_index`) as of now, in place: no byte moves.
  void update(bool with_index = false);
  // The last update, with everything. Nothing may be written afterwards.
  void finish() { update(true); }

  std::uint64_t size() const { return size_; }
  // Time of the last tag, as players reckon the length of FLV files.
  std::int64_t duration_ms() const { return numbers_.last_ms; }
  std::uint64_t media_tags() const { return media_tags_; }
  std::uint64_t video_tags() const { return video_tags_; }

 private:
  void append_tag(TagType type, std::int64_t time, ByteView payload);
  void note_flags(TagType type);

  ByteSink& bytes_;
  KeyframeIndex index_;
  std::uint64_t body_offset_ = 0;
  MetadataPlaces places_;
  MetadataNumbers numbers_;
  std::uint64_t size_ = 0;
  std::uint64_t media_tags_ = 0;
  std::uint64_t video_tags_ = 0;
  struct Mark {
    std::uint64_t size = 0;
    std::uint64_t media_tags = 0;
    std::uint64_t video_tags = 0;
    std::int64_t last_ms = 0;
  };
  std::optional<Mark> before_key_;  // as it was when the last key frame came
  std::uint8_t flags_ = 0;
};

}  // namespace live::flv
