// SPDX-License-Identifier: Apache-2.0
#include "simulator/flv_output.hpp"

#include <gtest/gtest.h>

#include "flv_builder.hpp"

namespace live::simulator {
namespace {

FlvSource source() { return std::move(FlvSource::parse(test::FlvFile::two_groups()).value()); }

TEST(FlvBatch, WritesAFileThatReadsAgain) {
  const FlvSource from = source();
  FlvBatch batch(false);
  batch.add_file_header(true, true);
  SentTag note;
  for (const SourceTag& tag : from.media()) {
    note.timestamp = 0xFFFFFF - 100 + tag.timestamp;  // over the 24-bit border
    batch.add(tag, from.body(tag), note);
  }
  const ByteView bytes = batch.finish();
  const auto again = FlvSource::parse(Bytes(bytes.begin(), bytes.end()));
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->media().size(), from.media().size());
  for (std::size_t i = 0; i < from.media().size(); ++i) {
    EXPECT_EQ(again->media()[i].hash, from.media()[i].hash);
    EXPECT_EQ(again->media()[i].timestamp, from.media()[i].timestamp);
  }
}

TEST(FlvBatch, MarksEndWhereTagsEnd) {
  const FlvSource from = source();
  for (const bool chunked : {false, true}) {
    FlvBatch batch(chunked);
    EXPECT_TRUE(batch.empty());
    batch.add(from.media()[0], from.body(from.media()[0]), {});
    batch.add(from.media()[1], from.body(from.media()[1]), {});
    const std::size_t room = chunked ? 10 : 0;
    ASSERT_EQ(batch.marks().size(), 2u);
    EXPECT_EQ(batch.marks()[0].end, room + 15 + from.media()[0].size);
    EXPECT_EQ(batch.marks()[1].end, batch.marks()[0].end + 15 + from.media()[1].size);
  }
}

TEST(FlvBatch, FramesAChunk) {
  FlvBatch batch(true);
  batch.add_raw(as_bytes("hello"));
  EXPECT_EQ(as_text(batch.finish()), "00000005\r\nhello\r\n");
}

}  // namespace
}  // namespace live::simulator
