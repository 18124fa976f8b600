// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/pipeline.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

const test::FlvItems heads = items("V1@0 A1@0");

TEST(Pipeline, DoesNotDependOnHowTheBytesCome) {
  const Bytes bytes = test::flv_bytes(items("M1@0") + heads + test::run_of({.end = 3000}) +
                                      test::run_of({.start = 70'000, .end = 73'000, .first = 1000}));
  std::string expected;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{500}, std::size_t{1} << 20}) {
    test::FlvRecorder recorder;
    recorder.connection(bytes, 0, piece);
    recorder.finish();
    ASSERT_EQ(recorder.files().size(), 1U);
    const std::string got = text_of(recorder.files()[0].as_items());
    if (expected.empty()) expected = got;
    EXPECT_EQ(got, expected) << piece;
    EXPECT_EQ(recorder.sink.findings_text(), "jump 1");
  }
}

TEST(Pipeline, CountsWhatItCannotUse) {
  Bytes bytes = test::flv_bytes(heads + items("K1@0 a1@0"));
  test::append(bytes, test::flv_tag(TagType::audio, 10, {}));
  test::append(bytes, test::flv_tag(TagType::video, 10, Bytes{0x57, 0}));
  test::append(bytes, test::flv_tag(TagType::video, 10, Bytes{0x17, 1, 0, 0, 0}));
  test::append(bytes, test::flv_bytes(items("P2@40 a2@40"), false));
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(heads + items("K1@0 a1@0 P2@40 a2@40")));
  EXPECT_EQ(output.findings_text(), "malformed_tag 2, command_tag 1");
}

TEST(Pipeline, ReadsEnhancedHeaders) {
  const auto enhanced = [](std::uint8_t first, std::size_t size) {
    Bytes payload{first, 'h', 'v', 'c', '1'};
    payload.resize(5 + size, 0x2A);
    return payload;
  };
  Bytes bytes = test::flv_header();
  test::append(bytes, test::flv_tag(TagType::video, 0, enhanced(0x90, 30)));
  test::append(bytes, test::flv_tag(TagType::video, 100, enhanced(0x93, 300)));
  test::append(bytes, test::flv_tag(TagType::video, 140, enhanced(0xA3, 301)));
  test::append(bytes, test::flv_tag(TagType::video, 180, enhanced(0xA1, 302)));
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), 1U);
  const test::OutputFile& file = output.files[0];
  EXPECT_EQ(file.headers.video_codec, Codec::hevc);
  EXPECT_TRUE(file.headers.video_enhanced);
  EXPECT_EQ(file.video_header, enhanced(0x90, 30));
  ASSERT_EQ(file.tags.size(), 3U);
  EXPECT_EQ(file.tags[2].payload, enhanced(0xA1, 302));
  EXPECT_EQ(file.tags[2].time, 80);
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(Pipeline, BeginsAnewAfterItsEnd) {
  test::FlvRecorder recorder;
  recorder.connection(heads + test::run_of({.end = 1000}));
  recorder.finish();
  recorder.connection(heads + test::run_of({.start = 50'000, .end = 51'000, .first = 500}));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(text_of(recorder.files()[1].as_items()),
            text_of(heads + test::run_of({.end = 1000, .first = 500})));
}

// Streams with everything wrong at random: the invariants hold whatever comes.
TEST(Pipeline, InvariantsHoldForAnyStream) {
  std::mt19937 random(11);
  const auto chance = [&](unsigned one_in) { return random() % one_in == 0; };
  for (int round = 0; round < 150; ++round) {
    test::FlvItems list = heads;
    std::int64_t shift = static_cast<std::int64_t>(random() % 100'000);
    for (const test::FlvItem& item : test::run_of({.end = 12'000})) {
      if (chance(200)) shift += static_cast<std::int64_t>(random() % 200'000) - 100'000;
      if (chance(300)) list.push_back({'V', static_cast<int>(random() % 4), item.time});
      if (chance(300)) list.push_back({'A', static_cast<int>(random() % 4), item.time});
      if (chance(300)) list.push_back({'M', 1, 0});
      if (chance(50)) continue;
      test::FlvItem moved = item;
      moved.time += shift + static_cast<std::int64_t>(random() % 60) - 30;
      list.push_back(moved);
      if (chance(150) && list.size() > 80) {
        const auto from = list.end() - 40;
        const test::FlvItems again(from, list.end());
        list.insert(list.end(), again.begin(), again.end());
      }
    }
    const test::CollectingSink output = test::record(list);
    ASSERT_EQ(test::broken_invariants(output), "") << "round " << round;
  }
}

}  // namespace
}  // namespace live::flv
