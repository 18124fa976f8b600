// SPDX-License-Identifier: Apache-2.0
// One FLV file as bytes: own onMetaData with room for the index, headers, tags; index and duration patched
// later.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recorder/flv/keyframe_index.hpp"
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
  FileWriter(ByteSink& bytes, const FileHeaders& headers, WriterOptions options);

  void write(const OutputTag& tag);

  // Duration and last timestamp (and the index when `with_index`) as of now, in place: no byte moves.
  void update(bool with_index = false);
  // The last update, with everything. The object is of no more use.
  void finish();

  std::uint64_t size() const { return size_; }
  std::int64_t duration_ms() const { return duration_; }
  std::uint64_t media_tags() const { return media_tags_; }
  std::uint64_t video_tags() const { return video_tags_; }

 private:
  void append_tag(TagType type, std::int64_t time, ByteView payload);
  void patch_flags(TagType type);

  ByteSink& bytes_;
  KeyframeIndex index_;
  std::uint64_t size_ = 0;
  std::int64_t duration_ = 0;
  std::uint64_t media_tags_ = 0;
  std::uint64_t video_tags_ = 0;
  std::uint8_t flags_ = 0;
};

}  // namespace live::flv
