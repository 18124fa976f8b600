// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/repeat_memory.hpp"

#include <xxhash.h>

#include <algorithm>

namespace live::hls {

std::uint64_t RepeatMemory::hash_of(ByteView media) { return XXH3_64bits(media.data(), media.size()); }

std::uint64_t RepeatMemory::hash_of(ByteView segment, const Fragment& fragment) {
  return hash_of(segment.subspan(fragment.media, fragment.end - fragment.media));
}

void RepeatMemory::add(std::uint64_t hash) { hashes_[count_++ % capacity] = hash; }

bool RepeatMemory::contains(std::uint64_t hash) const {
  const auto end = hashes_.begin() + static_cast<std::ptrdiff_t>(std::min(count_, capacity));
  return std::find(hashes_.begin(), end, hash) != end;
}

bool RepeatMemory::is_newest(std::uint64_t hash) const {
  return count_ > 0 && hashes_[(count_ - 1) % capacity] == hash;
}

std::vector<std::uint64_t> RepeatMemory::list() const {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = count_ - std::min(count_, capacity); i < count_; ++i)
    hashes.push_back(hashes_[i % capacity]);
  return hashes;
}

}  // namespace live::hls
