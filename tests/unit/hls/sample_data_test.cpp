// SPDX-License-Identifier: Apache-2.0
// Over a captured playlist, initialisation segment and media segment, where that folder is.
#include <gtest/gtest.h>

#ifdef LIVE_SHARED_DATA
#include <fstream>
#include <iterator>

#include "recorder/hls/box.hpp"
#include "recorder/hls/media_segment.hpp"
#include "recorder/hls/planner.hpp"

namespace live::hls {
namespace {

std::string captured(const std::string& name) {
  std::ifstream file(std::string(LIVE_SHARED_DATA) + "/hls/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(HlsSamples, MediaPlaylist) {
  const auto playlist = std::get<MediaPlaylist>(parse_playlist(captured("media-fmp4.m3u8")).value());
  ASSERT_EQ(playlist.segments.size(), 11u);
  EXPECT_EQ(playlist.segments.front().number, 323066244u);
  EXPECT_EQ(playlist.segments.back().uri, "323066254.m4s");
  EXPECT_EQ(playlist.segments[4].duration_ms, 170);
  for (const PlaylistSegment& segment : playlist.segments) EXPECT_TRUE(segment.size && segment.crc32);
}

TEST(HlsSamples, MasterPlaylist) {
  const auto master = std::get<MasterPlaylist>(parse_playlist(captured("master.m3u8")).value());
  EXPECT_EQ(master.variants.size(), 12u);
  EXPECT_EQ(best_variant(master).quality, 10000);
  EXPECT_EQ(best_variant(master).uri.find("https://d1--cn-gotcha209.bilivideo.com/"), 0u);
}

TEST(HlsSamples, TheSegmentReadsAsAnotherParserReadIt) {
  const std::string init_text = captured("init.m4s"), text = captured("segment.m4s");
  const Result<InitSegment> init = parse_init(as_bytes(init_text));
  ASSERT_TRUE(init) << init.error().message;
  EXPECT_EQ(init->video()->id, 2u);
  const Result<MediaSegment> segment = parse_segment(as_bytes(text), *init);
  ASSERT_TRUE(segment) << segment.error().message;
  ASSERT_EQ(segment->fragments.size(), 4u);
  const std::uint64_t video[] = {18539910, 18562410, 18584910, 18607410};
  const std::uint64_t audio[] = {9888240, 9900528, 9912816, 9924048};
  for (std::size_t i = 0; i < 4; ++i) {
    for (const TrackRun& run : segment->fragments[i].runs) {
      const bool is_video = &init->tracks[run.track] == init->video();
      EXPECT_EQ(run.decode_time, is_video ? video[i] : audio[i]);
      EXPECT_EQ(run.samples, is_video ? 15u : i == 2 ? 11u : 12u);
      EXPECT_EQ(is_video && run.starts_with_sync, is_video && i == 0);
    }
  }
  EXPECT_EQ(segment->fragments.back().end, text.size());
}

}  // namespace
}  // namespace live::hls
#endif
