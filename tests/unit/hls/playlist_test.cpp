// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/playlist.hpp"

#include <gtest/gtest.h>

namespace live::hls {
namespace {

const std::string live_text =
    "#EXTM3U\r\n#EXT-X-VERSION:7\n#EXT-X-MEDIA-SEQUENCE:323066244\n#EXT-X-TARGETDURATION:1\n"
    "#EXT-X-MAP:URI=\"h1758715459.m4s\"\n"
    "#EXT-BILI-AUX:97d350|K|7d1e3|fe1425ab\n#EXTINF:1.00,7d1e3|fe1425ab\n323066244.m4s\n"
    "#EXT-BILI-AUX:97e2df|N|10410|428d567\n#EXTINF:0.17,\n323066245.m4s\n";

MediaPlaylist media(const std::string& text) {
  const Result<Playlist> playlist = parse_playlist(text);
  EXPECT_TRUE(playlist) << playlist.error().message;
  return std::get<MediaPlaylist>(*playlist);
}

std::string problem(const std::string& text) {
  const Result<Playlist> playlist = parse_playlist(text);
  return playlist ? "" : playlist.error().message;
}

TEST(Playlist, LiveWindowWithChecks) {
  const MediaPlaylist playlist = media(live_text);
  EXPECT_EQ(playlist.target_ms, 1000);
  EXPECT_FALSE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 2u);
  EXPECT_EQ(playlist.segments[0].number, 323066244u);
  EXPECT_EQ(playlist.segments[0].uri, "323066244.m4s");
  EXPECT_EQ(playlist.segments[0].duration_ms, 1000);
  EXPECT_EQ(playlist.segments[0].size, 0x7d1e3u);
  EXPECT_EQ(playlist.segments[0].crc32, 0xfe1425abu);
  EXPECT_EQ(playlist.segments[1].number, 323066245u);
  EXPECT_EQ(playlist.segments[1].duration_ms, 170);
  // From the auxiliary line, where the title has nothing; leading zeros are left out there.
  EXPECT_EQ(playlist.segments[1].size, 0x10410u);
  EXPECT_EQ(playlist.segments[1].crc32, 0x428d567u);
  EXPECT_EQ(playlist.maps, std::vector<std::string>{"h1758715459.m4s"});
}

TEST(Playlist, WithoutChecksGapsBreaksAndEnd) {
  const MediaPlaylist playlist = media(
      "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI=\"a,b.mp4\"\n#EXTINF:5.5,title\n1.m4s?x=1,2\n"
      "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"c.mp4\"\n#EXT-X-GAP\n#EXTINF:6\n2.m4s\n#EXTINF:6,\n3.m4s\n"
      "#EXT-X-ENDLIST\n");
  EXPECT_TRUE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 3u);
  EXPECT_EQ(playlist.segments[0].number, 0u);
  EXPECT_FALSE(playlist.segments[0].size);
  EXPECT_EQ(playlist.segments[0].uri, "1.m4s?x=1,2");
  EXPECT_EQ(playlist.maps, (std::vector<std::string>{"a,b.mp4", "c.mp4"}));
  EXPECT_EQ(playlist.segments[0].map, 0u);
  EXPECT_EQ(playlist.segments[1].map, 1u);
  EXPECT_TRUE(playlist.segments[1].discontinuity);
  EXPECT_TRUE(playlist.segments[1].absent);
  EXPECT_FALSE(playlist.segments[2].discontinuity);
  EXPECT_FALSE(playlist.segments[2].absent);
  EXPECT_EQ(playlist.segments[2].map, 1u);
}

TEST(Playlist, MasterGivesTheHighestBandwidthAndItsFirstHost) {
  const Result<Playlist> playlist = parse_playlist(
      "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS=\"avc1.640028,mp4a.40.2\",BILI-QN=250\nlow.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS=\"avc1.640032,mp4a.40.2\",BILI-QN=10000\nhigh1.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=900,BILI-QN=10000\nhigh2.m3u8\n");
  ASSERT_TRUE(playlist);
  const auto& master = std::get<MasterPlaylist>(*playlist);
  EXPECT_EQ(master.variants.size(), 3u);
  const Variant& best = best_variant(master);
  EXPECT_EQ(best.uri, "high1.m3u8");
  EXPECT_EQ(best.codecs, "avc1.640032,mp4a.40.2");
  EXPECT_EQ(best.quality, 10000);
}

TEST(Playlist, WhatCanNotBeRecordedIsNamed) {
  const std::string head = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n";
  const std::pair<std::string, std::string> cases[] = {
      {"", "#EXTM3U"},
      {"<html>\n", "#EXTM3U"},
      {"#EXTM3U\n", "neither"},
      {head + "#EXTINF:1,\n1.ts\n", "MPEG-TS"},
      {head + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n", "encrypted"},
      {head + "#EXT-X-MAP:URI=\"i\"\n#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\n1.m4s\n", "byte range"},
      {head + "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"5@0\"\n", "byte range"},
      {head + "#EXT-X-MAP:BANDWIDTH=1\n", "no URI"},
      {head + "#EXT-X-MEDIA-SEQUENCE:x\n", "MEDIA-SEQUENCE"},
      {head + "#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n", "MEDIA-SEQUENCE"},
  };
  for (const auto& [text, words] : cases) EXPECT_NE(problem(text).find(words), std::string::npos) << text;
  EXPECT_EQ(problem(head + "#EXT-X-KEY:METHOD=NONE\n"), "");
}

TEST(Playlist, OddLinesAreNoReasonToStop) {
  const MediaPlaylist playlist = media(
      "\xEF\xBB\xBF#EXTM3U\n\n# a remark\n#EXT-X-UNKNOWN:1\nstray.m4s\n#EXT-X-TARGETDURATION:2\n"
      "#EXT-X-MAP:URI=\"i\"\n#EXTINF:nonsense,zz|yy\n  1.m4s \n#EXTINF:99999999999,\n2.m4s\n#EXTINF:1.0\n");
  ASSERT_EQ(playlist.segments.size(), 2u);
  EXPECT_EQ(playlist.segments[0].uri, "1.m4s");
  EXPECT_EQ(playlist.segments[0].duration_ms, 2000);
  EXPECT_FALSE(playlist.segments[0].size);
  EXPECT_EQ(playlist.segments[1].duration_ms, max_duration_ms);
}

TEST(Playlist, TooLongIsRefused) {
  EXPECT_NE(problem("#EXTM3U\n" + std::string(max_playlist_bytes, '\n')), "");
}

}  // namespace
}  // namespace live::hls
