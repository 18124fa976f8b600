// SPDX-License-Identifier: Apache-2.0
#include "simulator/flv_source.hpp"

#include <gtest/gtest.h>

#include "flv_builder.hpp"

namespace live::simulator {
namespace {

using test::FlvFile;

TEST(FlvSource, ReadsHeadersAndMedia) {
  const auto source = FlvSource::parse(FlvFile::two_groups());
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_TRUE(source->script());
  EXPECT_TRUE(source->video_header());
  EXPECT_TRUE(source->audio_header());
  ASSERT_EQ(source->media().size(), 30u);  // 10 pictures, 20 of sound
  EXPECT_EQ(source->media()[0].timestamp, 0u);
  EXPECT_TRUE(source->media()[0].key);
  EXPECT_EQ(as_text(source->body(source->media()[0])).substr(5), "key1000");
  EXPECT_EQ(source->media().back().timestamp, 380u);
  EXPECT_EQ(source->loop_length(), 400u);
}

TEST(FlvSource, TellsTagsApartByTheirHash) {
  const auto source = FlvSource::parse(FlvFile::two_groups());
  ASSERT_TRUE(source);
  EXPECT_NE(source->media()[0].hash, source->media()[1].hash);
}

TEST(FlvSource, LeavesOutRepeatedHeadersAndTheEndTag) {
  const auto source = FlvSource::parse(FlvFile()
                                           .video_header()
                                           .key(0)
                                           .video_header()
                                           .script()
                                           .inter(40)
                                           .tag(9, 40, std::string("\x17\x02\x00\x00\x00", 5))
                                           .bytes());
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->media().size(), 2u);
}

TEST(FlvSource, RefusesWhatItCannotLoop) {
  const std::pair<Bytes, const char*> cases[] = {
      {Bytes(20, 'x'), "no FLV file"},
      {FlvFile().video_header().bytes(), "no media in it"},
      {FlvFile().key(40).inter(0).bytes(), "steps back"},
      {FlvFile().video_header('1').key(0).video_header('2').bytes(), "differs from the one before"},
      {FlvFile().tag(7, 0, "?").bytes(), "unknown tag type"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto source = FlvSource::parse(bytes);
    ASSERT_FALSE(source);
    EXPECT_NE(source.error().message.find(message), std::string::npos) << source.error().message;
  }
}

TEST(FlvSource, RefusesEveryCut) {
  const Bytes whole = FlvFile().video_header().key(0).bytes();
  for (std::size_t size = 0; size + 4 < whole.size(); ++size) {
    const auto source =
        FlvSource::parse(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_FALSE(source) << size;
  }
}

}  // namespace
}  // namespace live::simulator
