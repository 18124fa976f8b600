// SPDX-License-Identifier: Apache-2.0
// Fragmented MP4, box by box: initialisation segments and fragments that players decode.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace live::test {

struct Mp4Track {
  std::uint32_t id = 1;
  bool video = true;
  std::uint32_t timescale = 90'000;  // of sound: its sample rate
  Bytes config;                      // video: avcC; sound: AudioSpecificConfig
  std::uint16_t width = 640, height = 360;
};

// ftyp and moov. `note` changes its bytes and nothing that a decoder sees.
Bytes mp4_init(const std::vector<Mp4Track>& tracks, std::uint32_t note = 0);

struct Mp4Sample {
  ByteView data;
  std::uint32_t duration = 0;
  std::int32_t composition = 0;
  bool sync = true;
};
struct Mp4Run {
  std::uint32_t track = 1;
  std::uint64_t decode_time = 0;
  std::vector<Mp4Sample> samples;
};

struct Mp4Form {
  bool wide_times = true;      // tfdt of 64 bits
  bool absolute_base = false;  // tfhd says where the data is, in place of "from the moof on"
};

// moof and mdat. With `absolute_base` the fragment stands at offset 0.
Bytes mp4_fragment(std::uint32_t number, std::span<const Mp4Run> runs, Mp4Form form = {});

}  // namespace live::test
