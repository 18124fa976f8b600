// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/init_segment.hpp"

#include <gtest/gtest.h>

#include "recorder/hls/box.hpp"
#include "stream.hpp"

namespace live::hls {
namespace {

using test::stream_init;

TEST(InitSegment, TracksAndTheirScales) {
  const Bytes bytes = stream_init();
  const Result<InitSegment> init = parse_init(bytes);
  ASSERT_TRUE(init) << init.error().message;
  ASSERT_EQ(init->tracks.size(), 2u);
  EXPECT_EQ(init->tracks[0].kind, TrackKind::video);
  EXPECT_EQ(init->tracks[0].timescale, 90'000u);
  EXPECT_EQ(init->tracks[0].sample_entry, box_type("avc1"));
  EXPECT_EQ(init->tracks[1].kind, TrackKind::audio);
  EXPECT_EQ(init->tracks[1].id, 2u);
  EXPECT_EQ(init->video(), &init->tracks[0]);
  EXPECT_EQ(init->bytes, bytes);
}

TEST(InitSegment, AHalfWrittenOneIsNone) {
  const Bytes bytes = stream_init();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_init(ByteView(bytes).first(size))) << size;
  }
  Bytes zeros = bytes;
  std::fill(zeros.begin() + 200, zeros.end(), std::uint8_t{0});
  EXPECT_FALSE(parse_init(zeros));
}

TEST(InitSegment, TheConfigurationIsWhatADecoderSees) {
  const InitSegment one = parse_init(stream_init()).value();
  const InitSegment noted = parse_init(stream_init(640, 77)).value();
  const InitSegment wider = parse_init(stream_init(1280)).value();
  EXPECT_NE(one.bytes, noted.bytes);
  EXPECT_EQ(one.configuration, noted.configuration);
  EXPECT_NE(one.configuration, wider.configuration);
}

TEST(InitSegment, MediaEncryptionAndPlainMp4AreRefused) {
  const Bytes bytes = stream_init();
  Bytes with_media = bytes;
  const Bytes fragment = test::stream_segment({});
  with_media.insert(with_media.end(), fragment.begin(), fragment.end());
  EXPECT_NE(parse_init(with_media).error().message.find("media"), std::string::npos);
  std::string text(as_text(bytes));
  text.replace(text.find("avc1", 40), 4, "encv");
  EXPECT_NE(parse_init(as_bytes(text)).error().message.find("encrypted"), std::string::npos);
  text = std::string(as_text(bytes));
  text.replace(text.find("mvex"), 4, "free");
  EXPECT_NE(parse_init(as_bytes(text)).error().message.find("fragmented"), std::string::npos);
  EXPECT_FALSE(parse_init(Bytes(max_init_bytes + 1)));
}

}  // namespace
}  // namespace live::hls
