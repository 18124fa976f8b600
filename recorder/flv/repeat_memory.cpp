// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/repeat_memory.hpp"

#include <algorithm>

namespace live::flv {

void RepeatMemory::add(const RememberedTag& tag) {
  if (ring_.empty()) {
    ring_.resize(tag_count);
    buckets_.resize(bucket_count);
  }
  std::uint64_t& bucket = buckets_[tag.hash % bucket_count];
  std::uint64_t older = in_ring(bucket) ? bucket : 0;
  // Silence is one frame again and again: only the newest of equals stays in the list.
  if (older != 0 && ring_[(older - 1) % tag_count].tag.hash == tag.hash)
    older = ring_[(older - 1) % tag_count].older;
  ring_[next_ % tag_count] = Slot{tag, older};
  bucket = ++next_;
  if (tag.frame == Frame::key) keys_[key_count_++ % key_frame_count] = tag.hash;
  (tag.frame == Frame::audio ? last_audio_ : last_video_) = tag.hash;
}

bool RepeatMemory::knows(std::uint64_t hash) const {
  if (ring_.empty()) return false;
  std::uint64_t at = buckets_[hash % bucket_count];
  while (in_ring(at)) {
    const Slot& slot = ring_[(at - 1) % tag_count];
    if (slot.tag.hash == hash) return true;
    at = slot.older;
  }
  return false;
}

bool RepeatMemory::knows_key_frame(std::uint64_t hash) const {
  const std::uint64_t count = std::min<std::uint64_t>(key_count_, key_frame_count);
  return std::find(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(count), hash) !=
         keys_.begin() + static_cast<std::ptrdiff_t>(count);
}

std::vector<RememberedTag> RepeatMemory::export_tags() const {
  std::vector<RememberedTag> tags;
  for (std::uint64_t i = next_ > tag_count ? next_ - tag_count : 0; i < next_; ++i)
    tags.push_back(ring_[i % tag_count].tag);
  return tags;
}

}  // namespace live::flv
