// SPDX-License-Identifier: Apache-2.0
// The payload hashes of the media written last, to know it again when it is sent again (rule E).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "recorder/flv/pipeline.hpp"

namespace live::flv {

class RepeatMemory {
 public:
  static constexpr std::size_t tag_count = 8192;
  static constexpr std::size_t key_frame_count = 16;

  void add(const RememberedTag& tag);
  bool knows(std::uint64_t hash) const;
  // Among the last key frames.
  bool knows_key_frame(std::uint64_t hash) const;
  // The hash of the last video (or audio) tag.
  std::optional<std::uint64_t> last_video() const { return last_video_; }
  std::optional<std::uint64_t> last_audio() const { return last_audio_; }
  bool has_video() const { return last_video_.has_value(); }
  bool empty() const { return next_ == 0; }

  std::vector<RememberedTag> export_tags() const;  // oldest first

 private:
  // Buckets are lists by sequence number through the ring, newest first; numbers that have left the ring end
  // them.
  static constexpr std::size_t bucket_count = 16384;
  struct Slot {
    RememberedTag tag;
    std::uint64_t older = 0;  // sequence number + 1 of the next in the bucket; 0: none
  };

  bool in_ring(std::uint64_t number_plus_1) const {
    return number_plus_1 != 0 && number_plus_1 + tag_count > next_;
  }

  std::vector<Slot> ring_;  // allocated with the first tag
  std::vector<std::uint64_t> buckets_;
  std::uint64_t next_ = 0;  // sequence number of the next tag
  std::array<std::uint64_t, key_frame_count> keys_{};
  std::uint64_t key_count_ = 0;
  std::optional<std::uint64_t> last_video_;
  std::optional<std::uint64_t> last_audio_;
};

}  // namespace live::flv
