// SPDX-License-Identifier: Apache-2.0
// The initialisation segment of an fMP4 stream: ftyp and moov. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace live::hls {

inline constexpr std::size_t max_init_bytes = std::size_t{256} << 10;
inline constexpr std::size_t max_tracks = 8;

enum class TrackKind : std::uint8_t { video, audio, other };

struct Track {
  std::uint32_t id = 0;
  TrackKind kind = TrackKind::other;
  std::uint32_t timescale = 0;     // ticks a second, 1 to 10^7
  std::uint32_t sample_entry = 0;  // 'avc1', 'hvc1', 'mp4a' …
  // From mvex: what fragments leave out.
  std::uint32_t default_duration = 0;
  std::uint32_t default_size = 0;
  std::uint32_t default_flags = 0;
};

struct InitSegment {
  Bytes bytes;  // as received
  std::vector<Track> tracks;
  // Equal for two segments whose media fits into one file: ids, time scales, picture sizes, sample
  // descriptions.
  Bytes configuration;

  const Track* video() const;
};

// The problem says what is missing; a half-written segment has one, too.
Result<InitSegment> parse_init(ByteView bytes);

}  // namespace live::hls
