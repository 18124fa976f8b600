// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/timeline.hpp"

#include <gtest/gtest.h>

#include "recorder/flv/rules/time_base.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

const test::FlvItems& heads() {
  static const test::FlvItems list = items("V1@0 A1@0");
  return list;
}

struct Case {
  const char* name;
  test::FlvItems in;
  test::FlvItems out;
  const char* findings;
};

void check(const Case& c) {
  const test::CollectingSink output = test::record(heads() + c.in);
  ASSERT_EQ(output.files.size(), 1U) << c.name;
  EXPECT_EQ(text_of(output.files[0].as_items()), text_of(heads() + c.out)) << c.name;
  EXPECT_EQ(output.findings_text(), c.findings) << c.name;
  EXPECT_EQ(test::broken_invariants(output), "") << c.name;
}

// Where the second run of two ends up when a jump between them is closed. Pictures every 40 ms are what the
// last step says; audio comes behind them.
TEST(Timeline, ClosesJumps) {
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems second = test::run_of({.start = 2000, .end = 4000, .first = 1000});
  const test::FlvItems in_gop = test::run_of({.start = 2000, .end = 4000, .first = 1000, .gop = 1000});
  test::FlvItems headless = in_gop;
  headless[0].kind = 'P';
  for (const std::int64_t by : {std::int64_t{30'000}, std::int64_t{-2000}, std::int64_t{-100'000},
                                std::int64_t{1001}, std::int64_t{3'000'000'000}, std::int64_t{-560}}) {
    check({"D4 at a key frame", first + test::moved(second, by), first + second, "jump 1"});
    check({"D4 inside a GOP", first + test::moved(headless, by), first + headless, "jump 1"});
  }
}

TEST(Timeline, KeepsNormalSteps) {
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems second = test::run_of({.start = 2000, .end = 4000, .first = 1000});
  check({"D2 a hole of less than a second", first + test::moved(second, 900),
         first + test::moved(second, 900), ""});
  check({"D2 pictures pause while audio goes on",
         first + test::run_of({.start = 2000, .end = 8000, .first = 2000, .video = false}) +
             test::run_of({.start = 8000, .end = 9000, .first = 3000}),
         first + test::run_of({.start = 2000, .end = 8000, .first = 2000, .video = false}) +
             test::run_of({.start = 8000, .end = 9000, .first = 3000}),
         ""});
}

TEST(Timeline, PlacesStragglers) {
  // Pictures jump to another base at 120; audio of the old base comes for some time yet.
  check(
      {"D3 audio of the old base after the jump",
       items(
           "K1@0 a1@0 P2@40 a2@20 a3@40 P3@80 a4@60 K4@50000 a5@80 P5@50040 a6@100 a7@120 P6@50080 a8@50100 "
           "P7@50120"),
       items(
           "K1@0 a1@0 a2@20 P2@40 a3@40 a4@60 P3@80 a5@80 a6@100 K4@120 a7@120 P5@160 P6@200 a8@220 P7@240"),
       "jump 1, straggler 3"});
  // One wrong time, then all is as before.
  check(
      {"D3 a single tag out of place",
       items(
           "K1@0 a1@0 P2@40 a2@40 P3@9999999 a3@80 P4@120 a4@120 P5@160 a5@160 P6@200 a6@200 P7@240 a7@240"),
       items("K1@0 a1@0 P2@40 a2@40 P3@80 a3@80 P4@120 a4@120 P5@160 a5@160 P6@200 a6@200 P7@240 a7@240"),
       "jump 1, straggler 8"});
}

TEST(Timeline, NeverStepsBackInAType) {
  check({"D5 audio steps back a little", items("K1@0 a1@0 a2@20 P2@40 a3@10 a4@60 P3@80"),
         items("K1@0 a1@0 a2@20 a3@20 P2@40 a4@60 P3@80"), "step_back 1"});
  check({"D5 pictures step back a little", items("K1@0 a1@0 P2@400 a2@400 P3@300 a3@420 P4@440"),
         items("K1@0 a1@0 P2@400 a2@400 P3@400 a3@420 P4@440"), "step_back 1"});
}

TEST(Timeline, UnwrapsAt24And31And32Bits) {
  const test::FlvItems run = test::run_of({.end = 4000});
  check({"2^31", test::moved(run, (std::int64_t{1} << 31) - 2000), run, ""});
  check({"2^32", test::moved(run, (std::int64_t{1} << 32) - 2000), run, ""});
  check({"2^24 with extension", test::moved(run, (std::int64_t{1} << 24) - 2000), run, ""});
  test::FlvItems wrapped = test::moved(run, (std::int64_t{1} << 24) - 2000);
  for (test::FlvItem& item : wrapped) item.time &= 0xFFFFFF;
  check({"2^24 without extension", wrapped, run, "time_wrapped 1"});
  // Audio and video pass the wrap in turns.
  check({"2^24 in turns", items("K1@16777200 a1@16777200 P2@24 a2@16777212 P3@64 a3@16 a4@40"),
         items("K1@0 a1@0 a2@12 a3@32 P2@40 a4@56 P3@80"), "time_wrapped 2"});
}

// D6: the interval behind a jump is the last step, or what the codec says.
TEST(Timeline, UsesTheUsualIntervalBehindAJump) {
  check({"from the last step", items("K1@0 P2@20 P3@40 K4@90000 P5@90020"),
         items("K1@0 P2@20 P3@40 K4@60 P5@80"), "jump 1"});
  check({"33 ms for pictures", items("K1@0 K2@90000 P3@90040"), items("K1@0 K2@33 P3@73"), "jump 1"});
  const test::CollectingSink output = test::record(items("A1@0 a1@0 a2@90000 a3@90023"));
  EXPECT_EQ(text_of(output.files.at(0).as_items()), "A1@0 a1@0 a2@23 a3@46");
  const test::CollectingSink faster = test::record(items("A2@0 a1@0 a2@90000 a3@90021"));
  EXPECT_EQ(text_of(faster.files.at(0).as_items()), "A2@0 a1@0 a2@21 a3@42");
}

struct GapCase {
  const char* name;
  std::int64_t source_step;  // between the last tag of the first and the first tag of the second run
  std::int64_t arrival_step;
  std::int64_t hole_in_file;  // with Gaps::keep
  std::int64_t lost;
  bool estimated;
};

test::CollectingSink with_gap(const GapCase& c, Gaps gaps, bool new_connection) {
  PipelineOptions options;
  options.gaps = gaps;
  test::FlvRecorder recorder(options);
  const test::FlvItems first = test::run_of({.end = 4000});
  const test::FlvItems second =
      test::moved(test::run_of({.end = 8000, .first = 1000}), first.back().time + c.source_step);
  recorder.live_connection(heads() + first, 10'000);
  const ArrivalTime start = 10'000 + first.back().time + c.arrival_step;
  if (new_connection) {
    recorder.live_connection(second, start);
  } else {
    for (const test::FlvItem& item : second) {
      const Bytes payload = test::payload_of(item.kind, item.number);
      recorder.pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                             start + item.time - second.front().time);
      recorder.pipeline.settle();
    }
  }
  recorder.finish();
  return std::move(recorder.sink);
}

TEST(Timeline, MeasuresAndKeepsGaps) {
  const std::vector<GapCase> cases{
      {"the source went on", 7000, 7000, 7000, 6980, false},
      {"the source went on, arrival off by less than a second", 7000, 7600, 7000, 6980, false},
      {"another time base", 500'000, 7000, 20, 6980, true},
      {"a jump that the clock knows nothing of", 30'000, 20, 20, 0, true},
  };
  for (const GapCase& c : cases) {
    for (const bool new_connection : {false, true}) {
      for (const Gaps gaps : {Gaps::close, Gaps::keep}) {
        const test::CollectingSink output = with_gap(c, gaps, new_connection);
        ASSERT_EQ(output.files.size(), 1U) << c.name;
        std::int64_t hole = 0;
        std::int64_t last = 0;
        for (const auto& tag : output.files[0].tags) {
          hole = std::max(hole, tag.time - last);
          last = tag.time;
        }
        EXPECT_EQ(hole, gaps == Gaps::keep ? c.hole_in_file : 20) << c.name << ' ' << new_connection;
        EXPECT_EQ(output.lost_ms(), c.lost) << c.name << ' ' << new_connection;
        for (const Finding& finding : output.findings) {
          if (finding.kind == FindingKind::gap) {
            EXPECT_EQ(finding.lost_is_estimated, c.estimated) << c.name;
          }
        }
      }
    }
  }
}

// The seconds that a server sends at once when a connection begins belong to the gap before it.
TEST(Timeline, MeasuresAGapInFrontOfACachedStart) {
  test::FlvRecorder recorder;
  recorder.live_connection(heads() + test::run_of({.end = 4000}), 10'000);
  const test::FlvItems cached = test::run_of({.start = 900'000, .end = 903'000, .first = 1000});
  const test::FlvItems live = test::run_of({.start = 903'000, .end = 910'000, .first = 2000});
  // The last tag came at 13,980; 10 s later the server's newest tag is of 903,000.
  recorder.connection(flv_bytes(cached), 23'980);
  for (const test::FlvItem& item : live) {
    const Bytes payload = test::payload_of(item.kind, item.number);
    recorder.pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                           23'980 + item.time - 903'000);
    recorder.pipeline.settle();
  }
  recorder.finish();
  EXPECT_NEAR(static_cast<double>(recorder.sink.lost_ms()), 7000 - 20, 100);
}

// Holes too short for a jump count as well, where a connection ended.
TEST(Timeline, MeasuresShortGapsBetweenConnections) {
  test::FlvRecorder recorder;
  const test::FlvItems first = test::run_of({.end = 4000});
  recorder.live_connection(heads() + first, 10'000);
  recorder.live_connection(test::run_of({.start = 4400, .end = 5000, .first = 1000}), 14'400);
  recorder.finish();
  EXPECT_EQ(recorder.sink.lost_ms(), 400);
}

}  // namespace
}  // namespace live::flv
