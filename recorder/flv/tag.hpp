// SPDX-License-Identifier: Apache-2.0
// An FLV tag as it lies in a buffer.
#pragma once
#include <cstdint>

#include "base/bytes.hpp"

namespace live::flv {

// When bytes arrived: milliseconds of a clock that never steps back, from any origin. The library has no
// clock; where nothing arrives (files) the caller gives a constant.
using ArrivalTime = std::int64_t;

enum class TagType : std::uint8_t { audio = 8, video = 9, script = 18 };

constexpr std::size_t file_header_size = 9;
constexpr std::size_t tag_header_size = 11;
constexpr std::size_t back_pointer_size = 4;
constexpr std::size_t tag_overhead = tag_header_size + back_pointer_size;
// DataSize has 24 bits; nothing sane is above this, so a larger one means that the stream is out of step.
constexpr std::size_t max_payload_size = std::size_t{8} << 20;

// Points into the buffer of whoever made it; see there how long.
struct TagView {
  TagType type = TagType::script;
  std::uint32_t timestamp = 0;  // TimestampExtended and Timestamp, milliseconds, wraps at 2^32
  ByteView payload;
};

}  // namespace live::flv
