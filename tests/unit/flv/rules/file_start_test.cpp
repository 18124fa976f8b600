// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/file_start.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

struct Case {
  const char* name;
  test::FlvItems in;
  test::FlvItems out;
  const char* findings;
};

TEST(FileStart, Rules) {
  const test::FlvItems heads = items("V1@0 A1@0");
  const test::FlvItems clean = test::run_of({.end = 2000});
  const test::FlvItems pictures = test::run_of({.end = 2000, .audio = false});
  const test::FlvItems sounds = test::run_of({.end = 7000, .video = false});
  const std::vector<Case> cases{
      {"D1 a clean start", heads + clean, heads + clean, ""},
      {"D1 time begins at 0", heads + test::moved(clean, 123'456), heads + clean, ""},
      {"D1 time begins below 0", heads + test::moved(clean, -700), heads + clean, ""},
      {"D1 audio just before the key frame stays", heads + items("a50@5 a51@25 K1@40 a1@45 P2@80"),
       heads + items("a50@0 a51@20 K1@35 a1@40 P2@75"), ""},
      {"D1 the smallest time is 0", heads + items("K1@120 a1@110 P2@160 a2@130"),
       heads + items("a1@0 K1@10 a2@20 P2@50"), ""},
      {"D1 video alone", items("V1@0") + pictures, items("V1@0") + pictures, ""},
      {"D1 video alone with an audio header", heads + pictures, heads + pictures, ""},
      {"D1 audio alone", items("A1@0") + sounds, items("A1@0") + sounds, ""},
      {"D1 a short recording of audio alone", items("A1@0 a1@0 a2@20"), items("A1@0 a1@0 a2@20"), ""},
      {"D1 audio alone with a video header", heads + sounds, heads + sounds, ""},
      {"D1 only headers", heads, {}, ""},
  };
  for (const Case& c : cases) {
    const test::CollectingSink output = test::record(c.in);
    const std::string got = output.files.empty() ? "" : text_of(output.files[0].as_items());
    EXPECT_EQ(got, text_of(c.out)) << c.name;
    EXPECT_LE(output.files.size(), 1U) << c.name;
    EXPECT_EQ(output.findings_text(), c.findings) << c.name;
    EXPECT_EQ(test::broken_invariants(output), "") << c.name;
  }
}

// A connection that begins in mid-GOP: pictures that need others go, and audio that nothing is shown with.
TEST(FileStart, WaitsForAKeyFrame) {
  const test::FlvItems before = test::run_of({.end = 800, .gop = 1000});
  test::FlvItems headless = before;
  headless[0].kind = 'P';
  const test::FlvItems clean = test::run_of({.start = 800, .end = 2000, .first = 500});
  const test::CollectingSink output = test::record(items("V1@0 A1@0") + headless + clean);
  ASSERT_EQ(output.files.size(), 1U);
  test::FlvItems lead;
  for (const test::FlvItem& item : headless) {
    if (item.kind == 'a' && item.time >= 800 - FileStartRule::longest_lead) lead.push_back(item);
  }
  EXPECT_EQ(lead.size(), 10U);
  EXPECT_EQ(text_of(output.files[0].as_items()),
            text_of(items("V1@0 A1@0") + test::moved(lead + clean, -600)));
  EXPECT_EQ(output.findings_text(), "before_file_start 30, before_key_frame 20");
  EXPECT_EQ(test::broken_invariants(output), "");
}

// Pictures never come, then they do: in the same file, whose video header is at its head.
TEST(FileStart, BeginsWithAudioWhenThePictureIsLate) {
  const test::FlvItems sounds = test::run_of({.end = 6000, .video = false});
  const test::FlvItems rest = test::run_of({.start = 6000, .end = 7000, .first = 1000});
  const test::CollectingSink output = test::record(items("V1@0 A1@0") + sounds + items("P77@5990") + rest);
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(items("V1@0 A1@0") + sounds + rest));
  EXPECT_EQ(output.findings_text(), "before_key_frame 1");
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(FileStart, HoldsOnlyAWhile) {
  test::FlvRecorder recorder;
  recorder.live_connection(items("V1@0 A1@0") + test::run_of({.end = 200}), 0);
  ASSERT_EQ(recorder.files().size(), 1U);  // before the end of the recording
  EXPECT_GE(recorder.files()[0].tags.size(), 12U);
}

}  // namespace
}  // namespace live::flv
