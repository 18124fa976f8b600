// SPDX-License-Identifier: Apache-2.0
// A media segment of an fMP4 stream: pairs of moof and mdat, and what in them depends on their place and
// time. Pure.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "recorder/hls/init_segment.hpp"

namespace live::hls {

inline constexpr std::size_t max_fragments = 1024;  // of one segment
inline constexpr std::size_t max_runs = 32;         // track fragments of one fragment

// The samples of one track in one fragment.
struct TrackRun {
  std::size_t track = 0;          // in InitSegment::tracks
  std::size_t time_at = 0;        // where the decode time stands, in the segment
  bool wide_time = false;         // 64 bits in place of 32
  std::uint64_t decode_time = 0;  // of the first sample, in ticks
  std::uint64_t duration = 0;     // of all samples
  std::uint32_t last_duration = 0;
  std::uint64_t samples = 0;
  bool starts_with_sync = false;  // the first sample needs no other
};

struct Fragment {
  std::size_t begin = 0;  // of moof, in the segment
  std::size_t media = 0;  // the mdat's content
  std::size_t end = 0;
  std::size_t sequence_at = 0;  // where its number stands
  std::vector<TrackRun> runs;
  // Where places in the stream stand that must follow the fragment when it moves, 64 bits each.
  std::vector<std::size_t> bases_at;
};

struct MediaSegment {
  std::vector<Fragment> fragments;  // at least one
};

// Accepts styp, sidx, emsg, prft, free, skip and uuid between fragments, and nothing half. Every sample lies
// inside its mdat.
Result<MediaSegment> parse_segment(ByteView bytes, const InitSegment& init);

// A moof by itself, the mdat of `mdat_bytes` behind it not in sight; `place` is where it stands in its
// stream.
Result<Fragment> parse_fragment(ByteView moof, std::size_t mdat_bytes, std::uint64_t place,
                                const InitSegment& init);

// Writes the decode time of a run; false, and nothing done, when it does not fit the field.
bool set_decode_time(std::span<std::uint8_t> segment, const TrackRun& run, std::uint64_t time);

// Gives the fragment its place in a file: its number, and where its data is when it says so absolutely.
void place_fragment(std::span<std::uint8_t> segment, const Fragment& fragment, std::uint32_t number,
                    std::uint64_t file_offset);

}  // namespace live::hls
