// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/headers.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

struct Case {
  const char* name;
  const char* in;
  std::vector<std::string> files;
  const char* findings;
};

void check(const Case& c) {
  const test::CollectingSink output = test::record(items(c.in));
  std::vector<std::string> files;
  for (const test::OutputFile& file : output.files) files.push_back(text_of(file.as_items()));
  EXPECT_EQ(files, c.files) << c.name;
  EXPECT_EQ(output.findings_text(), c.findings) << c.name;
  EXPECT_EQ(test::broken_invariants(output), "") << c.name;
}

TEST(Headers, Rules) {
  const std::vector<Case> cases{
      {"C3 the same again",
       "V1@0 A1@0 K1@0 a1@0 V1@40 A1@40 P2@40 a2@40",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 a2@40"},
       "header_repeated 2"},
      {"C4 another before any media",
       "V1@0 A1@0 V2@0 A2@0 K1@0 a1@0",
       {"V2@0 A2@0 K1@0 a1@0"},
       "header_replaced 2"},
      {"C5 another video header",
       "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40 V2@80 K3@80 a3@80 P4@120 a4@120",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 a2@40", "V2@0 A1@0 K3@0 a3@0 P4@40 a4@40"},
       "header_changed 1"},
      {"C5 both headers",
       "V1@0 A1@0 K1@0 a1@0 V2@80 A2@80 K3@80 a3@80",
       {"V1@0 A1@0 K1@0 a1@0", "V2@0 A2@0 K3@0 a3@0"},
       "header_changed 1"},
      {"C5 several headers, the newest counts",
       "V1@0 A1@0 K1@0 a1@0 V2@80 V3@80 A2@80 K3@80 a3@80",
       {"V1@0 A1@0 K1@0 a1@0", "V3@0 A2@0 K3@0 a3@0"},
       "header_changed 1"},
      {"C5 changed and changed back",
       "V1@0 A1@0 K1@0 a1@0 V2@80 V1@80 P3@80 a3@80",
       {"V1@0 A1@0 K1@0 a1@0 P3@80 a3@80"},
       "header_repeated 1"},
      {"C5 audio goes on in the old file until the key frame",
       "V1@0 A1@0 K1@0 a1@0 V2@40 P2@40 a2@40 a3@60 K4@80 a4@80",
       {"V1@0 A1@0 K1@0 a1@0 a2@40 a3@60", "V2@0 A1@0 K4@0 a4@0"},
       "header_changed 1, waiting_for_split 1"},
      {"C5 pictures go on in the old file until the key frame",
       "V1@0 A1@0 K1@0 a1@0 A2@40 P2@40 a2@40 a3@60 P4@80 K5@120 a5@120",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 P4@80", "V1@0 A2@0 K5@0 a5@0"},
       "header_changed 1, waiting_for_split 2"},
      {"C5 AVC to HEVC",
       "V1@0 A1@0 K1@0 a1@0 H1@40 h2@40 a2@40 p3@80 a3@80",
       {"V1@0 A1@0 K1@0 a1@0", "H1@0 A1@0 h2@0 a2@0 p3@40 a3@40"},
       "header_changed 1"},
      {"C5 audio alone splits at once",
       "A1@0 a1@0 a2@20 A2@40 a3@40 a4@60",
       {"A1@0 a1@0 a2@20", "A2@0 a3@0 a4@20"},
       "header_changed 1"},
      {"C6 audio header before the file is open",
       "V1@0 K1@0 A1@0 a1@0 P2@40 a2@40",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 a2@40"},
       ""},
      {"C7 audio before its header",
       "V1@0 a9@0 K1@0 a8@10 A1@20 a1@20 P2@40 a2@40",
       {"V1@0 A1@0 K1@0 a1@20 P2@40 a2@40"},
       "audio_without_header 2"},
      {"pictures before their header",
       "A1@0 K9@0 a1@0 V1@20 K1@20 a2@20",
       {"V1@0 A1@0 a1@0 K1@20 a2@20"},
       "video_without_header 1"},
      {"pictures of another codec than the header",
       "V1@0 A1@0 K1@0 a1@0 h2@40 P3@40 a3@40",
       {"V1@0 A1@0 K1@0 a1@0 P3@40 a3@40"},
       "video_without_header 1"},
      {"C10 end of sequence",
       "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40 E0@40",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 a2@40"},
       "end_of_sequence 1"},
      {"C10 in the middle",
       "V1@0 A1@0 K1@0 a1@0 E0@40 P2@40 a2@40",
       {"V1@0 A1@0 K1@0 a1@0 P2@40 a2@40"},
       "end_of_sequence 1"},
  };
  for (const Case& c : cases) check(c);
}

// C6: the file is open and has pictures only; the header goes where the audio begins.
TEST(Headers, LateFirstAudioHeaderStaysInItsPlace) {
  test::FlvItems in = items("V1@0") + test::run_of({.end = 800, .audio = false}) +
                      items("A1@800 K100@800 a100@800 P101@840 a101@840");
  const test::CollectingSink output = test::record(in);
  ASSERT_EQ(output.files.size(), 1U);
  const test::FlvItems expected = items("V1@0") + test::run_of({.end = 800, .audio = false}) +
                                  items("A1@760 K100@800 a100@800 P101@840 a101@840");
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(expected));
  EXPECT_EQ(output.findings_text(), "");
  EXPECT_EQ(test::broken_invariants(output), "");
}

// Only flag bits in front of the configuration differ.
TEST(Headers, FlagBitsDoNotSplit) {
  Bytes bytes = test::flv_bytes(items("V1@0 A1@0 K1@0 a1@0"));
  Bytes video = test::payload_of('V', 1);
  video[0] = 0x27;
  Bytes audio = test::payload_of('A', 1);
  audio[0] = 0xAE;
  test::append(bytes, test::flv_tag(TagType::video, 40, video));
  test::append(bytes, test::flv_tag(TagType::audio, 40, audio));
  test::append(bytes, test::flv_bytes(items("P2@40 a2@40"), false));
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(text_of(output.files[0].as_items()), "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40");
  EXPECT_EQ(output.findings_text(), "header_repeated 2");
}

// C8: no picture for five seconds: a file of audio; the late video header begins another one.
TEST(Headers, RecordsAudioAloneUntilVideoComes) {
  const test::FlvItems audio = test::run_of({.end = 7000, .video = false});
  const test::FlvItems rest = test::run_of({.start = 7000, .end = 8000, .first = 1000});
  const test::CollectingSink output = test::record(items("A1@0") + audio + items("V1@7000") + rest);
  ASSERT_EQ(output.files.size(), 2U);
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(items("A1@0") + audio));
  EXPECT_EQ(text_of(output.files[1].as_items()), text_of(items("V1@0 A1@0") + test::moved(rest, -7000)));
  EXPECT_EQ(output.findings_text(), "header_changed 1");
  EXPECT_EQ(test::broken_invariants(output), "");
}

Bytes key_frame_with_parameter_sets(int number) {
  ByteWriter out;
  out.u16(0x1701);
  out.u24(0);
  for (const std::uint8_t nal : {std::uint8_t{0x67}, std::uint8_t{0x68}}) {
    out.u32(2);
    out.u8(nal);
    out.u8(static_cast<std::uint8_t>(number));
  }
  const Bytes picture = test::payload_of('K', number);
  out.bytes(ByteView(picture).subspan(5));
  return std::move(out).take();
}

// C9: a header every second, each with a key frame that carries its own parameter sets: five new files, then
// all in one, to the tag.
TEST(Headers, StopsSplittingWhenHeadersChangeAllTheTime) {
  constexpr int seconds = 20;
  Bytes bytes = test::flv_bytes(items("V1@0 A1@0"));
  struct Sent {
    std::int64_t time;
    Bytes payload;
  };
  std::vector<std::vector<Sent>> expected(HeadersRule::most_splits + 1);
  for (int second = 0; second < seconds; ++second) {
    const std::int64_t start = second * 1000;
    const std::size_t file =
        std::min<std::size_t>(static_cast<std::size_t>(second), HeadersRule::most_splits);
    const std::int64_t file_start = static_cast<std::int64_t>(file) * 1000;
    const auto send = [&](TagType type, std::int64_t time, const Bytes& payload) {
      test::append(bytes, test::flv_tag(type, time, payload));
      expected[file].push_back({time - file_start, payload});
    };
    if (second > 0) test::append(bytes, test::flv_tag({'V', 1 + second % 9, start}));
    send(TagType::video, start, key_frame_with_parameter_sets(1000 + second));
    for (int i = 0; i < 10; ++i) {
      send(TagType::audio, start + i * 90, test::payload_of('a', second * 10 + i));
      send(TagType::video, start + i * 90 + 40, test::payload_of('P', second * 10 + i));
    }
  }
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), expected.size());
  for (std::size_t file = 0; file < expected.size(); ++file) {
    const test::OutputFile& got = output.files[file];
    EXPECT_EQ(got.video_header, test::payload_of('V', 1 + static_cast<int>(file) % 9));
    EXPECT_EQ(got.audio_header, test::payload_of('A', 1));
    ASSERT_EQ(got.tags.size(), expected[file].size()) << file;
    for (std::size_t i = 0; i < got.tags.size(); ++i) {
      ASSERT_EQ(got.tags[i].time, expected[file][i].time) << file << ' ' << i;
      ASSERT_EQ(got.tags[i].payload, expected[file][i].payload) << file << ' ' << i;
    }
  }
  EXPECT_EQ(output.count(FindingKind::header_changed), HeadersRule::most_splits);
  EXPECT_GT(output.count(FindingKind::header_left_out), 0U);
}

// C9: pictures of another size are another matter.
TEST(Headers, SplitsForAnotherPictureSizeAllTheSame) {
  const Bytes sps{0x67, 0x42, 0xC0, 0x16, 0xD9, 0x00, 0xD8, 0x3D, 0xE7, 0xF0, 0x11, 0x00, 0x00,
                  0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x14, 0x0F, 0x16, 0x2E, 0x48};
  ByteWriter other;
  other.u16(0x1700);
  other.u24(0);
  other.u8(1);
  other.bytes(ByteView(sps).subspan(1, 3));
  other.u16(0xFFE1);
  other.u16(static_cast<std::uint16_t>(sps.size()));
  other.bytes(sps);
  other.u8(1);
  other.u16(4);
  other.u32(0x68CE3C80);
  Bytes bytes = test::flv_bytes(items("V1@0 A1@0"));
  for (int i = 0; i < 9; ++i) {
    const std::int64_t time = i * 40;
    if (i == 8) {
      test::append(bytes, test::flv_tag(TagType::video, time, other.data()));
    } else if (i > 0) {
      test::append(bytes, test::flv_tag({'V', 1 + i, time}));
    }
    test::append(bytes, test::flv_tag(TagType::video, time, key_frame_with_parameter_sets(1000 + i)));
  }
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), HeadersRule::most_splits + 2);
  EXPECT_EQ(output.files.back().video_header, other.data());
  ASSERT_EQ(output.files.back().tags.size(), 1U);
  EXPECT_EQ(output.files.back().tags[0].payload, key_frame_with_parameter_sets(1008));
  EXPECT_EQ(output.files[HeadersRule::most_splits].tags.size(), 3U);
}

// MP3 has no configuration. One frame that looks like it is a damaged AAC frame; eight in a row are a change.
TEST(Headers, BelievesAnotherBareCodecAfterEightFrames) {
  const auto mp3 = [](int number) {
    Bytes payload{0x2F};
    test::append(payload, test::payload_of('a', number));
    return payload;
  };
  for (const int count : {1, 7, 12}) {
    Bytes bytes = test::flv_bytes(items("V1@0 A1@0 K1@0 a1@0 P2@40 a2@40"));
    for (int i = 0; i < count; ++i)
      test::append(bytes, test::flv_tag(TagType::audio, 60 + i * 20, mp3(100 + i)));
    test::append(bytes, test::flv_bytes(items("P3@300 a3@300 K4@340 a4@340"), false));
    const test::CollectingSink output = test::record_bytes(bytes);
    if (count < 8) {
      ASSERT_EQ(output.files.size(), 1U) << count;
      EXPECT_EQ(text_of(output.files[0].as_items()),
                "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40 P3@300 a3@300 K4@340 a4@340");
      EXPECT_EQ(output.count(FindingKind::audio_without_header), static_cast<std::uint64_t>(count));
      continue;
    }
    ASSERT_EQ(output.files.size(), 2U);
    EXPECT_EQ(text_of(output.files[0].as_items()), "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40 P3@300");
    EXPECT_EQ(output.files[1].headers.audio_codec, Codec::mp3);
    EXPECT_TRUE(output.files[1].audio_header.empty());
    EXPECT_EQ(output.findings_text(), "header_changed 1, audio_without_header 9, waiting_for_split 5");
  }
}

}  // namespace
}  // namespace live::flv
