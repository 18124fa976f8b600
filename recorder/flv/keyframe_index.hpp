// SPDX-License-Identifier: Apache-2.0
// The `keyframes` object of onMetaData: a fixed number of bytes whatever it holds, so that it can be written
// again in place. When full, every second entry goes, so that it always covers the whole file.
#pragma once
#include <cstdint>
#include <vector>

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

  explicit KeyframeIndex(std::size_t capacity);

  // Time and file position of a tag, in order. The first entry is the video sequence header (or, without
  // video, the audio header): flv.js and mpegts.js take entry 0 for it and never seek there.
  void add(Entry entry);

  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t capacity() const { return capacity_; }

  // The object's value: marker to end marker. `times` and `filepositions` come first, then `spacer`; ffmpeg
  // drops the index otherwise.
  Bytes encode() const;
  static constexpr std::size_t encoded_size(std::size_t capacity) { return 50 + 18 * capacity; }

 private:
  std::size_t capacity_;
  std::vector<Entry> entries_;
  std::size_t stride_ = 1;  // of the key frames seen, every stride_-th is kept
  std::size_t passed_ = 0;  // since the last one that was kept
};

}  // namespace live::flv
