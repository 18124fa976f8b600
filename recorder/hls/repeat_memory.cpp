// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/repeat_memory.hpp"

#include <xxhash.h>

#include <algorithm>

namespace live::hls {

std::uint64_t RepeatMemory::hash_of(ByteView segment, const Fragment& fragment) {
  return XXH3_64bits(segment.data() + fragment.media, fragment.end - fragment.media);
}

void RepeatMemory::add(std::uint64_t hash) { hashes_[count_++ % capacity] = hash; }

bool RepeatMemory::contains(std::uint64_t hash) const {
  const auto end = hashes_.begin() + static_cast<std::ptrdiff_t>(std::min(count_, capacity));
  return std::find(hashes_.begin(), end, hash) != end;
}

}  // namespace live::hls
