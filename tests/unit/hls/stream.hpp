// SPDX-License-Identifier: Apache-2.0
// A stream of one-second segments: 25 pictures at 90000 ticks, 50 frames of sound at 48000, a key frame at
// the beginning of every second one.
#pragma once
#include <fmt/format.h>

#include <list>
#include <string>

#include "recorder/hls/init_segment.hpp"
#include "support/mp4_builder.hpp"

namespace live::hls::test {

inline Bytes stream_init(std::uint16_t width = 640, std::uint32_t note = 0) {
  live::test::Mp4Track video, sound;
  video.id = 1;
  video.config = {1, 0x64, 0, 0x1F, 0xFF, 0xE0, 0};
  video.width = width;
  sound.id = 2;
  sound.video = false;
  sound.timescale = 48'000;
  sound.config = {0x11, 0x90};
  return live::test::mp4_init({video, sound}, note);
}

inline std::shared_ptr<const InitSegment> parsed_init(const Bytes& bytes) {
  return std::make_shared<const InitSegment>(parse_init(bytes).value());
}

struct SegmentSpec {
  int content = 0;        // equal numbers: equal media
  double at_seconds = 0;  // decode time
  bool key = true;
  live::test::Mp4Form form = {};
};

inline Bytes stream_segment(const SegmentSpec& spec) {
  std::list<std::string> payloads;
  live::test::Mp4Run video{1, static_cast<std::uint64_t>(spec.at_seconds * 90'000), {}};
  live::test::Mp4Run sound{2, static_cast<std::uint64_t>(spec.at_seconds * 48'000), {}};
  for (int i = 0; i < 25; ++i) {
    payloads.push_back(fmt::format("picture {} of {}", i, spec.content));
    video.samples.push_back({as_bytes(payloads.back()), 3600, 0, i == 0 && spec.key});
  }
  for (int i = 0; i < 50; ++i) {
    payloads.push_back(fmt::format("sound {} of {}", i, spec.content));
    sound.samples.push_back({as_bytes(payloads.back()), 960, 0, true});
  }
  const live::test::Mp4Run runs[] = {std::move(video), std::move(sound)};
  return live::test::mp4_fragment(static_cast<std::uint32_t>(spec.content), runs, spec.form);
}

}  // namespace live::hls::test
