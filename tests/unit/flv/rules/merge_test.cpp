// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

const char* const heads = "V1@0 A1@0";

struct Case {
  const char* name;
  const char* in;
  const char* out;
  const char* findings;
};

TEST(Merge, Rules) {
  const std::vector<Case> cases{
      {"F audio behind by 16 ms", "K1@0 P2@40 a1@24 a2@44 P3@80 a3@64", "K1@0 a1@24 P2@40 a2@44 a3@64 P3@80",
       ""},
      {"F pictures behind by 107 ms", "K1@0 a1@0 a2@107 a3@127 P2@40 P3@80 a4@147 P4@120",
       "K1@0 a1@0 P2@40 P3@80 a2@107 P4@120 a3@127 a4@147", ""},
      {"F audio behind by 200 ms", "K1@0 a1@0 P2@200 P3@240 a2@20 a3@40 a4@240 P4@280",
       "K1@0 a1@0 a2@20 a3@40 P2@200 P3@240 a4@240 P4@280", ""},
      {"F the same time: as they came", "a1@0 K1@0 a2@40 P2@40", "a1@0 K1@0 a2@40 P2@40", ""},
  };
  for (const Case& c : cases) {
    const test::CollectingSink output = test::record(items(heads) + items(c.in));
    ASSERT_EQ(output.files.size(), 1U) << c.name;
    EXPECT_EQ(text_of(output.files[0].as_items()), text_of(items(heads) + items(c.out))) << c.name;
    EXPECT_EQ(output.findings_text(), c.findings) << c.name;
    EXPECT_EQ(test::broken_invariants(output), "") << c.name;
  }
}

// Audio that is more than the window behind comes at the time that is reached; nothing is lost.
TEST(Merge, PushesWhatComesTooLate) {
  test::FlvItems in = test::run_of({.end = 400});
  const test::FlvItems pictures = test::run_of({.start = 400, .end = 4400, .first = 500, .audio = false});
  const test::FlvItems audio = test::run_of({.start = 400, .end = 800, .first = 900, .video = false});
  const test::CollectingSink output = test::record(items(heads) + in + pictures + audio);
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(output.findings_text(), "late_tag " + std::to_string(audio.size()));
  // The last second of pictures was still waiting.
  const std::int64_t reached = 4360 - MergeRule::window;
  test::FlvItems expected = items(heads) + in;
  for (const test::FlvItem& item : pictures) {
    expected.push_back(item);
    if (item.time != reached) continue;
    for (const test::FlvItem& late : audio) expected.push_back({late.kind, late.number, reached});
  }
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(expected));
}

// What waits for the other type waits a second at most: of media time, or of arrival time when nothing comes.
TEST(Merge, WaitsASecondAtMost) {
  test::FlvRecorder recorder;
  recorder.live_connection(items(heads) + test::run_of({.end = 1000}), 0);
  const test::FlvItems pictures = test::run_of({.start = 1000, .end = 3000, .first = 500, .audio = false});
  for (const test::FlvItem& item : pictures) {
    const Bytes payload = test::payload_of(item.kind, item.number);
    recorder.pipeline.push({TagType::video, static_cast<std::uint32_t>(item.time), payload}, item.time);
    recorder.pipeline.settle();
  }
  EXPECT_EQ(recorder.files()[0].tags.size(), 75U + pictures.size() - 25);
  EXPECT_GT(recorder.pipeline.buffers().merge, 0U);
  recorder.pipeline.idle(3500);
  EXPECT_LT(recorder.files()[0].tags.size(), 75U + pictures.size());
  recorder.pipeline.idle(3960);
  EXPECT_EQ(recorder.files()[0].tags.size(), 75U + pictures.size());
  EXPECT_EQ(recorder.pipeline.buffers().merge, 0U);
}

TEST(Merge, DoesNotWaitForATypeThatIsNotThere) {
  test::FlvRecorder recorder;
  recorder.live_connection(items("V1@0") + test::run_of({.end = 1000, .audio = false}), 0);
  EXPECT_EQ(recorder.pipeline.buffers().merge, 0U);
  EXPECT_EQ(recorder.files()[0].tags.size(), 25U);
}

TEST(Merge, HoldsItsBound) {
  test::FlvRecorder recorder;
  recorder.live_connection(items(heads) + test::run_of({.end = 1000}), 0);
  Bytes large = test::payload_of('P', 1);
  large.resize(std::size_t{1} << 20, 0x55);
  for (int i = 0; i < 20; ++i) {
    recorder.pipeline.push({TagType::video, static_cast<std::uint32_t>(1000 + i), large}, 1000 + i);
    recorder.pipeline.settle();
    EXPECT_LE(recorder.pipeline.buffers().merge, MergeRule::most_bytes + large.size());
  }
  EXPECT_EQ(recorder.sink.findings_text(), "hold_limit 1");
}

// Audio and video streams that are each in order come out as one sorted stream, however they were shuffled
// within the window.
TEST(Merge, SortsAnyInterleaving) {
  std::mt19937 random(5);
  const test::FlvItems clean = test::run_of({.end = 6000});
  for (int round = 0; round < 20; ++round) {
    test::FlvItems shuffled;
    test::FlvItems video = test::only(clean, TagType::video);
    test::FlvItems audio = test::only(clean, TagType::audio);
    std::size_t v = 0;
    std::size_t a = 0;
    while (v < video.size() || a < audio.size()) {
      const std::int64_t lead = static_cast<std::int64_t>(random() % 300) - 150;
      const bool take_video =
          a >= audio.size() || (v < video.size() && video[v].time + lead <= audio[a].time);
      shuffled.push_back(take_video ? video[v++] : audio[a++]);
    }
    const test::CollectingSink output = test::record(items(heads) + shuffled);
    std::ranges::stable_sort(shuffled, {}, &test::FlvItem::time);
    ASSERT_EQ(output.files.size(), 1U);
    EXPECT_EQ(text_of(output.files[0].as_items()), text_of(items(heads) + shuffled));
    EXPECT_EQ(output.findings_text(), "");
  }
}

}  // namespace
}  // namespace live::flv
