// SPDX-License-Identifier: Apache-2.0
// Which media was written lately: servers send the tail of a show again, under new numbers. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "recorder/hls/media_segment.hpp"

namespace live::hls {

class RepeatMemory {
 public:
  static constexpr std::size_t capacity = 256;  // fragments

  // Of the media alone, without boxes: numbers and times differ in a repeat.
  static std::uint64_t hash_of(ByteView media);
  static std::uint64_t hash_of(ByteView segment, const Fragment& fragment);

  void add(std::uint64_t hash);
  bool contains(std::uint64_t hash) const;
  bool is_newest(std::uint64_t hash) const;
  // Oldest first.
  std::vector<std::uint64_t> list() const;

 private:
  std::array<std::uint64_t, capacity> hashes_{};
  std::size_t count_ = 0;
};

}  // namespace live::hls
