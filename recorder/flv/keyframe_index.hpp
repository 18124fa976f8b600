// SPDX-License-Identifier: Apache-2.0
// The `keyframes` object of onMetaData: a fixed number of bytes whatever it holds, so that it can be written
// again in place. When full, every second entry goes, so that it always covers the whole file.
#pragma once
#include <cstdint>
#include <vector>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/tag.hpp"

namespace live::flv {

class KeyframeIndex {
 public:
  static constexpr std::size_t usual_capacity = 6300;  // 113,449 bytes, as BililiveRecorder reserves

  struct Entry {
    std::int64_t time = 0;  // milliseconds
    std::uint64_t position = 0;
    bool operator==(const Entry&) const = default;
  };

  // Without pictures there are no key frames: then audio is indexed this often (milliseconds).
  static constexpr std::int64_t audio_step = 2000;

  explicit KeyframeIndex(std::size_t capacity);

  // Tags in the order of the file. Entry 0 is the video sequence header (without video, the audio header),
  // never thinned out: flv.js and mpegts.js take entry 0 for it and never seek there.
  void note_header(TagType type, std::uint64_t position);
  void note_media(TagType type, Frame frame, std::int64_t time, std::uint64_t position);

  // The newest key frame is not in the file any more; at most once for each.
  void forget_last_key();

  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t capacity() const { return capacity_; }
  // The newest of those seen, whether it is in the index or not.
  const Entry& last_key() const { return last_key_; }

  // The object's value: marker to end marker. `times` and `filepositions` come first, then `spacer`; ffmpeg
  // drops the index otherwise.
  Bytes encode() const;
  static constexpr std::size_t encoded_size(std::size_t capacity) { return 49 + 18 * capacity; }

 private:
  void add(Entry entry);

  std::size_t capacity_;
  std::vector<Entry> entries_;
  std::uint64_t stride_ = 1;  // of the key frames seen, every stride_-th is kept
  std::uint64_t seen_ = 0;
  bool has_header_ = false;
  bool has_video_ = false;
  Entry last_key_;
  Entry key_before_;
};

}  // namespace live::flv
