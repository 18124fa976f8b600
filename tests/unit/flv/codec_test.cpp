// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/codec.hpp"

#include <gtest/gtest.h>

namespace live::flv {
namespace {

struct Case {
  const char* name;
  TagType type;
  Bytes payload;
  TagKind kind;
  Codec codec = Codec::none;
  Frame frame = Frame::audio;
  std::uint32_t data_offset = 0;
  bool enhanced = false;
};

Bytes four(std::uint8_t first, const char* codec, std::initializer_list<std::uint8_t> rest = {}) {
  Bytes bytes{first};
  bytes.insert(bytes.end(), codec, codec + 4);
  bytes.insert(bytes.end(), rest);
  return bytes;
}

const std::vector<Case>& cases() {
  using enum TagKind;
  constexpr TagType video = TagType::video;
  constexpr TagType audio = TagType::audio;
  static const std::vector<Case> list{
      {"script", TagType::script, {2, 0}, script},
      {"AVC header", video, {0x17, 0, 0, 0, 0, 1}, header, Codec::avc, Frame::key, 5},
      {"AVC header without a configuration", video, {0x17, 0, 0, 0, 0}, malformed},
      {"AVC key frame", video, {0x17, 1, 0, 0, 0, 9}, frame, Codec::avc, Frame::key, 5},
      {"AVC picture", video, {0x27, 1, 0, 0, 0, 9}, frame, Codec::avc, Frame::inter, 5},
      {"AVC disposable picture", video, {0x37, 1, 0, 0, 0, 9}, frame, Codec::avc, Frame::inter, 5},
      {"AVC generated key frame", video, {0x47, 1, 0, 0, 0, 9}, frame, Codec::avc, Frame::inter, 5},
      {"AVC picture without data", video, {0x27, 1, 0, 0, 0}, malformed},
      {"AVC end of sequence", video, {0x17, 2, 0, 0, 0}, end_of_sequence, Codec::avc},
      {"AVC unknown packet type", video, {0x17, 3, 0, 0, 0, 1}, malformed},
      {"AVC of one byte", video, {0x17}, malformed},
      {"HEVC (12) header", video, {0x1C, 0, 0, 0, 0, 1}, header, Codec::hevc, Frame::key, 5},
      {"HEVC (12) key frame", video, {0x1C, 1, 0, 0, 0, 1}, frame, Codec::hevc, Frame::key, 5},
      {"HEVC (12) picture", video, {0x2C, 1, 0, 0, 0, 1}, frame, Codec::hevc, Frame::inter, 5},
      {"AV1 (13) picture", video, {0x2D, 1, 0, 0, 0, 1}, frame, Codec::av1, Frame::inter, 5},
      {"H.263 key frame", video, {0x12, 1}, frame, Codec::other_video, Frame::key, 1},
      {"client command", video, {0x57, 0}, command},
      {"unknown codec", video, {0x1F, 0, 0, 0, 0, 1}, malformed},
      {"empty video", video, {}, malformed},
      {"enhanced HEVC header", video, four(0x90, "hvc1", {1, 2}), header, Codec::hevc, Frame::key, 5, true},
      {"enhanced HEVC key frame", video, four(0x93, "hvc1", {1}), frame, Codec::hevc, Frame::key, 5, true},
      {"enhanced HEVC with composition time", video, four(0x91, "hvc1", {0, 0, 0, 1}), frame, Codec::hevc,
       Frame::key, 8, true},
      {"enhanced HEVC picture", video, four(0xA3, "hvc1", {1}), frame, Codec::hevc, Frame::inter, 5, true},
      {"enhanced AV1 picture", video, four(0xA1, "av01", {1}), frame, Codec::av1, Frame::inter, 5, true},
      {"enhanced VP9 header", video, four(0x90, "vp09", {1}), header, Codec::vp9, Frame::key, 5, true},
      {"enhanced AVC key frame", video, four(0x93, "avc1", {1}), frame, Codec::avc, Frame::key, 5, true},
      {"enhanced end of sequence", video, four(0x92, "hvc1"), end_of_sequence, Codec::hevc, Frame::key, 5,
       true},
      {"enhanced metadata", video, four(0x94, "hvc1", {2}), command},
      {"enhanced command", video, {0xD1, 0}, command},
      {"enhanced with an unknown FourCC", video, four(0x90, "abcd", {1}), malformed},
      {"enhanced cut in its FourCC", video, {0x90, 'h', 'v'}, malformed},
      {"enhanced with a modifier",
       video,
       {0x97, 2, 0, 0, 0, 0x03, 'h', 'v', 'c', '1', 9},
       frame,
       Codec::hevc,
       Frame::key,
       10,
       true},
      {"enhanced with an endless modifier", video, {0x97, 0xFF, 0xFF, 0xFF, 0}, malformed},
      {"enhanced, one track",
       video,
       {0x96, 0x03, 'a', 'v', '0', '1', 0, 9},
       frame,
       Codec::av1,
       Frame::key,
       7,
       true},
      {"enhanced, two tracks",
       video,
       {0x96, 0x13, 'a', 'v', '0', '1', 0, 0, 0, 1, 9},
       frame,
       Codec::av1,
       Frame::key,
       10,
       true},
      {"AAC header", audio, {0xAF, 0, 0x12, 0x10}, header, Codec::aac, Frame::audio, 2},
      {"AAC frame", audio, {0xAF, 1, 0x21}, frame, Codec::aac, Frame::audio, 2},
      {"AAC frame without data", audio, {0xAF, 1}, malformed},
      {"AAC of one byte", audio, {0xAF}, malformed},
      {"AAC unknown packet type", audio, {0xAF, 7, 1}, malformed},
      {"silence of RTMP", audio, {}, malformed},
      {"MP3 frame", audio, {0x2F, 0xFF}, frame, Codec::mp3, Frame::audio, 1},
      {"G.711 frame", audio, {0x7F, 0xFF}, frame, Codec::other_audio, Frame::audio, 1},
      {"enhanced Opus header", audio, four(0x90, "Opus", {1}), header, Codec::opus, Frame::audio, 5, true},
      {"enhanced AAC frame", audio, four(0x91, "mp4a", {1}), frame, Codec::aac, Frame::audio, 5, true},
      {"enhanced channel layout", audio, four(0x94, "mp4a", {1}), command},
      {"enhanced audio end", audio, four(0x92, "mp4a"), end_of_sequence, Codec::aac, Frame::audio, 5, true},
  };
  return list;
}

TEST(Codec, Classifies) {
  for (const Case& c : cases()) {
    const TagClass result = classify(c.type, c.payload);
    EXPECT_EQ(result.kind, c.kind) << c.name;
    if (c.kind != TagKind::frame && c.kind != TagKind::header) continue;
    EXPECT_EQ(result.codec, c.codec) << c.name;
    EXPECT_EQ(result.frame, c.frame) << c.name;
    EXPECT_EQ(result.data_offset, c.data_offset) << c.name;
    EXPECT_EQ(result.enhanced, c.enhanced) << c.name;
    EXPECT_LT(result.data_offset, c.payload.size()) << c.name;
  }
}

// Every prefix of every payload, and every first byte: no read beyond the end (sanitizers look), data inside.
TEST(Codec, StaysInsideThePayload) {
  for (const Case& c : cases()) {
    for (std::size_t size = 0; size <= c.payload.size(); ++size) {
      for (int first = 0; first < 256; ++first) {
        Bytes payload(c.payload.begin(), c.payload.begin() + static_cast<std::ptrdiff_t>(size));
        if (!payload.empty()) payload[0] = static_cast<std::uint8_t>(first);
        payload.shrink_to_fit();
        const TagClass result = classify(c.type, payload);
        if (result.kind == TagKind::frame || result.kind == TagKind::header) {
          EXPECT_LT(result.data_offset, payload.size());
        }
      }
    }
  }
}

}  // namespace
}  // namespace live::flv
