// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/split.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

const test::FlvItems heads = items("V1@0 A1@0");

// All files behind one another are the stream: nothing lost, nothing doubled, each begins with a key frame at
// 0.
void expect_whole(const test::CollectingSink& output, const test::FlvItems& stream) {
  test::FlvItems all;
  for (const test::OutputFile& file : output.files) {
    const test::FlvItems list = file.as_items();
    ASSERT_GT(list.size(), 2U);
    EXPECT_EQ(text_of({list[0], list[1]}), text_of(heads));
    const test::FlvItems media(list.begin() + 2, list.end());
    EXPECT_EQ(media.front().kind, 'K');
    EXPECT_EQ(media.front().time, 0);
    all = all + test::moved(media, file.headers.base - output.files[0].headers.base);
  }
  EXPECT_EQ(text_of(all), text_of(stream));
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(Split, ByDuration) {
  PipelineOptions options;
  options.split_ms = 2000;
  const test::FlvItems stream = test::run_of({.end = 10'000});
  const test::CollectingSink output = test::record(heads + stream, options);
  EXPECT_EQ(output.files.size(), 5U);
  for (const test::OutputFile& file : output.files) EXPECT_LT(file.tags.back().time, 2000);
  EXPECT_EQ(output.files[0].reason, CloseReason::duration_limit);
  EXPECT_EQ(output.files[4].reason, CloseReason::end);
  EXPECT_EQ(output.findings_text(), "");
  expect_whole(output, stream);
}

TEST(Split, BySizeStaysUnderTheLimit) {
  PipelineOptions options;
  options.split_bytes = SplitRule::file_overhead + 40'000;
  const test::FlvItems stream = test::run_of({.end = 20'000});
  const test::CollectingSink output = test::record(heads + stream, options);
  EXPECT_GT(output.files.size(), 5U);
  for (const test::OutputFile& file : output.files) {
    std::size_t bytes = 0;
    for (const auto& tag : file.tags) bytes += tag.payload.size() + tag_overhead;
    EXPECT_LE(bytes, 40'000U);
  }
  EXPECT_EQ(output.files[0].reason, CloseReason::size_limit);
  expect_whole(output, stream);
}

std::size_t media_bytes(const test::OutputFile& file) {
  std::size_t bytes = 0;
  for (const auto& tag : file.tags) bytes += tag.payload.size() + tag_overhead;
  return bytes;
}

// A GOP that is five times as large as all before it comes where it does not fit: it moves as a whole.
TEST(Split, MovesAGopThatDoesNotFit) {
  PipelineOptions options;
  options.split_bytes = SplitRule::file_overhead + 40'000;
  const test::FlvItems small = test::run_of({.end = 1600});
  const test::FlvItems large = test::run_of({.start = 1600, .end = 3600, .first = 1000, .gop = 50});
  const test::FlvItems after = test::run_of({.start = 3600, .end = 4400, .first = 2000});
  for (const std::size_t piece : {std::size_t{300}, std::size_t{1} << 20}) {
    test::FlvRecorder recorder(options);
    recorder.connection(test::flv_bytes(heads + small + large + after), 0, piece);
    recorder.finish();
    ASSERT_EQ(recorder.files().size(), 3U);
    EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + small));
    EXPECT_EQ(text_of(recorder.files()[1].as_items()), text_of(heads + test::moved(large, -1600)));
    EXPECT_EQ(recorder.files()[0].reason, CloseReason::size_limit);
    for (const test::OutputFile& file : recorder.files()) EXPECT_LE(media_bytes(file), 40'000U);
    EXPECT_EQ(recorder.sink.findings_text(), "");
    EXPECT_EQ(recorder.pipeline.buffers().split, 0U);
    expect_whole(recorder.sink, small + large + after);
  }
}

// One GOP alone is larger than the limit: it is not cut, and that is said.
TEST(Split, KeepsAGopWholeThatIsLargerThanTheLimit) {
  PipelineOptions options;
  options.split_bytes = SplitRule::file_overhead + 20'000;
  const test::FlvItems small = test::run_of({.end = 800});
  const test::FlvItems large = test::run_of({.start = 800, .end = 2800, .first = 1000, .gop = 50});
  const test::CollectingSink output = test::record(heads + small + large, options);
  ASSERT_EQ(output.files.size(), 2U);
  EXPECT_EQ(text_of(output.files[1].as_items()), text_of(heads + test::moved(large, -800)));
  EXPECT_EQ(output.findings_text(), "over_size_limit 1");
  expect_whole(output, small + large);
}

TEST(Split, OnRequestAtTheNextKeyFrame) {
  test::FlvRecorder recorder;
  const test::FlvItems stream = test::run_of({.end = 4000});
  recorder.pipeline.connection_started(0);
  int count = 0;
  for (const test::FlvItem& item : heads + stream) {
    const Bytes payload = test::payload_of(item.kind, item.number);
    recorder.pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload}, 0);
    recorder.pipeline.settle();
    if (++count == 50) recorder.pipeline.request_split();
  }
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(recorder.files()[0].reason, CloseReason::requested);
  EXPECT_EQ(recorder.files()[1].headers.base - recorder.files()[0].headers.base, 800);
  expect_whole(recorder.sink, stream);
}

// The tags around a cut are not in order in the stream; the cut is where they are.
TEST(Split, CutsWhereTheTimesAre) {
  PipelineOptions options;
  options.split_ms = 400;
  const test::CollectingSink output =
      test::record(heads + items("K1@0 a1@0 P2@200 a2@200 K3@400 a3@390 a4@410 P4@600 a5@600"), options);
  ASSERT_EQ(output.files.size(), 2U);
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(heads + items("K1@0 a1@0 P2@200 a2@200 a3@390")));
  EXPECT_EQ(text_of(output.files[1].as_items()), text_of(heads + items("K3@0 a4@10 P4@200 a5@200")));
}

TEST(Split, AudioAloneAtAnyTag) {
  PipelineOptions options;
  options.split_ms = 3000;
  const test::FlvItems stream = test::run_of({.end = 9000, .video = false});
  const test::CollectingSink output = test::record(items("A1@0") + stream, options);
  ASSERT_EQ(output.files.size(), 3U);
  std::size_t tags = 0;
  for (const test::OutputFile& file : output.files) tags += file.tags.size();
  EXPECT_EQ(tags, stream.size());
  EXPECT_EQ(test::broken_invariants(output), "");
}

// FLV times end at 2^31 milliseconds.
TEST(Split, BeforeTimesRunOut) {
  PipelineOptions options;
  options.gaps = Gaps::keep;
  test::FlvRecorder recorder(options);
  recorder.pipeline.connection_started(0);
  const auto push = [&](char kind, int number, std::int64_t time) {
    const Bytes payload = test::payload_of(kind, number);
    recorder.pipeline.push({test::type_of(kind), static_cast<std::uint32_t>(time), payload}, time);
    recorder.pipeline.settle();
  };
  push('V', 1, 0);
  const std::int64_t end = (std::int64_t{1} << 31) + 1'000'000;
  for (std::int64_t time = 0; time < end; time += 60'000) push('K', static_cast<int>(time / 1000), time);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(recorder.files()[0].reason, CloseReason::time_limit);
  EXPECT_LT(recorder.files()[0].tags.back().time, std::int64_t{1} << 31);
}

}  // namespace
}  // namespace live::flv
