// SPDX-License-Identifier: Apache-2.0
// The rules together, row by row of docs/flv-repair.md, with both policies for gaps: each row says every tag
// that comes out, payload and time. Rules one by one are in rules/, bytes to tags in tag_reader_test.
#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::FlvItems;
using test::items;
using test::moved;
using test::run_of;
using test::text_of;

const FlvItems& heads() {
  static const FlvItems list = items("V1@0 A1@0");
  return list;
}

// Tags that arrive as their times say, from `arrival` on; with `connects` on a connection of their own.
struct Stretch {
  FlvItems tags;
  ArrivalTime arrival = 0;
  bool connects = false;
};

struct Row {
  const char* name;
  std::vector<Stretch> runs;
  std::vector<FlvItems> closed;  // files with Gaps::close
  const char* closed_findings;
  std::vector<FlvItems> kept;  // with Gaps::keep
  const char* kept_findings;
  std::int64_t lost_ms = 0;
};

test::CollectingSink record(const Row& row, Gaps gaps) {
  PipelineOptions options;
  options.gaps = gaps;
  test::FlvRecorder recorder(options);
  for (const Stretch& run : row.runs) {
    if (run.connects) recorder.pipeline.connection_started(run.arrival);
    for (const test::FlvItem& item : run.tags) {
      const Bytes payload = test::payload_of(item.kind, item.number);
      recorder.pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload},
                             run.arrival + item.time - run.tags.front().time);
      recorder.pipeline.settle();
    }
  }
  recorder.finish();
  return std::move(recorder.sink);
}

std::vector<std::string> texts(const std::vector<FlvItems>& files) {
  std::vector<std::string> result;
  for (const FlvItems& file : files) result.push_back(text_of(file));
  return result;
}

void check(const Row& row) {
  for (const Gaps gaps : {Gaps::close, Gaps::keep}) {
    const bool close = gaps == Gaps::close;
    SCOPED_TRACE(std::string(row.name) + (close ? ", close" : ", keep"));
    const test::CollectingSink output = record(row, gaps);
    std::vector<FlvItems> files;
    for (const test::OutputFile& file : output.files) files.push_back(file.as_items());
    EXPECT_EQ(texts(files), texts(close ? row.closed : row.kept));
    EXPECT_EQ(output.findings_text(), close ? row.closed_findings : row.kept_findings);
    EXPECT_EQ(output.lost_ms(), row.lost_ms);
  }
}

// Rows whose result does not depend on the policy; the tags come at once.
void check(const char* name, const char* in, const std::vector<const char*>& out, const char* findings) {
  std::vector<FlvItems> files;
  for (const char* file : out) files.push_back(items(file));
  for (const Gaps gaps : {Gaps::close, Gaps::keep}) {
    PipelineOptions options;
    options.gaps = gaps;
    const test::CollectingSink output = test::record(items(in), options);
    std::vector<FlvItems> got;
    for (const test::OutputFile& file : output.files) got.push_back(file.as_items());
    EXPECT_EQ(texts(got), texts(files)) << name;
    EXPECT_EQ(output.findings_text(), findings) << name;
  }
}

TEST(DecisionTable, Codecs) {
  check("B HEVC as codec 12", "H1@0 A1@0 h1@0 a1@0 p2@40 a2@40 h3@80",
        {"H1@0 A1@0 h1@0 a1@0 p2@40 a2@40 h3@80"}, "");
  check("B HEVC of enhanced RTMP", "U1@0 A1@0 u1@0 a1@0 w2@40 a2@40 u3@80",
        {"U1@0 A1@0 u1@0 a1@0 w2@40 a2@40 u3@80"}, "");
  check("B Opus of enhanced RTMP", "V1@0 O1@0 K1@0 o1@0 P2@40 o2@40", {"V1@0 O1@0 K1@0 o1@0 P2@40 o2@40"},
        "");
  check("D1 HEVC waits for a key frame", "H1@0 A1@0 p9@0 a9@0 h1@40 a1@40 p2@80 a2@80",
        {"H1@0 A1@0 a9@0 h1@40 a1@40 p2@80 a2@80"}, "before_key_frame 1");
  check("D1 enhanced waits for a key frame", "U1@0 A1@0 w9@0 a9@0 u1@40 a1@40 w2@80 a2@80",
        {"U1@0 A1@0 a9@0 u1@40 a1@40 w2@80 a2@80"}, "before_key_frame 1");
  check("C3 the same HEVC header", "H1@0 A1@0 h1@0 a1@0 H1@40 p2@40 a2@40",
        {"H1@0 A1@0 h1@0 a1@0 p2@40 a2@40"}, "header_repeated 1");
  check("C3 the same enhanced header", "U1@0 A1@0 u1@0 a1@0 U1@40 w2@40 a2@40",
        {"U1@0 A1@0 u1@0 a1@0 w2@40 a2@40"}, "header_repeated 1");
  check("C5 another HEVC header", "H1@0 A1@0 h1@0 a1@0 H2@40 h2@40 a2@40",
        {"H1@0 A1@0 h1@0 a1@0", "H2@0 A1@0 h2@0 a2@0"}, "header_changed 1");
  check("C5 AVC, enhanced HEVC and back",
        "V1@0 A1@0 K1@0 a1@0 U1@40 u2@40 a2@40 w3@80 a3@80 V1@120 K4@120 a4@120",
        {"V1@0 A1@0 K1@0 a1@0", "U1@0 A1@0 u2@0 a2@0 w3@40 a3@40", "V1@0 A1@0 K4@0 a4@0"},
        "header_changed 2");
  check("C5 AAC to Opus", "V1@0 A1@0 K1@0 a1@0 O1@40 P2@40 o2@40 K3@80 o3@80",
        {"V1@0 A1@0 K1@0 a1@0 P2@40", "V1@0 O1@0 K3@0 o3@0"}, "header_changed 1, waiting_for_split 1");
  check("C7 Opus before its header", "V1@0 K1@0 o1@0 O1@20 o2@20 P2@40 o3@40",
        {"V1@0 O1@0 K1@0 o2@20 P2@40 o3@40"}, "audio_without_header 1");
  check("C7 frames of another codec than the header's", "V1@0 A1@0 K1@0 a1@0 w2@40 o2@40 P3@80 a3@80",
        {"V1@0 A1@0 K1@0 a1@0 P3@80 a3@80"}, "audio_without_header 1, video_without_header 1");
}

TEST(DecisionTable, Times) {
  const FlvItems first = run_of({.end = 2000});
  const FlvItems second = run_of({.start = 2000, .end = 4000, .first = 1000});
  FlvItems headless = second;
  for (test::FlvItem& item : headless) {
    if (item.kind == 'K') item.kind = 'P';
  }
  const FlvItems again = moved(heads(), 2000) + second;
  const FlvItems all = heads() + first + second;
  const FlvItems in_gop = heads() + first + headless;
  const auto runs = [&](const FlvItems& then, std::int64_t by, std::int64_t pause, bool connects) {
    return std::vector<Stretch>{{heads() + first, 10'000, true}, {moved(then, by), 12'000 + pause, connects}};
  };
  // The clock agrees: the source went on, and 7 s of it never came.
  check({"D4 a hole at a key frame",
         runs(second, 7000, 7000, false),
         {all},
         "jump 1, gap 1",
         {heads() + first + moved(second, 7000)},
         "jump 1, hole_kept 1, gap 1",
         7000});
  check({"D4 a hole inside a GOP",
         runs(headless, 7000, 7400, false),
         {in_gop},
         "jump 1, gap 1",
         {heads() + first + moved(headless, 7000)},
         "jump 1, hole_kept 1, gap 1",
         7000});
  check({"G a hole between two connections",
         runs(again, 7000, 7000, true),
         {all},
         "header_repeated 2, jump 1, gap 1",
         {heads() + first + moved(second, 7000)},
         "header_repeated 2, jump 1, hole_kept 1, gap 1",
         7000});
  // It does not.
  check({"D4 a jump that took no time", runs(second, 30'000, 0, false), {all}, "jump 1", {all}, "jump 1"});
  check({"D4 a jump inside a GOP that took no time",
         runs(headless, 30'000, 0, false),
         {in_gop},
         "jump 1",
         {in_gop},
         "jump 1"});
  check({"D4 time begins anew", runs(second, -2000, 0, false), {all}, "jump 1", {all}, "jump 1"});
  check({"D4 time steps back inside a GOP",
         runs(headless, -1500, 0, false),
         {in_gop},
         "jump 1",
         {in_gop},
         "jump 1"});
  check({"G a connection with another time base",
         runs(again, 500'000, 0, true),
         {all},
         "header_repeated 2, jump 1",
         {all},
         "header_repeated 2, jump 1"});
  // Less than a jump.
  check({"D2 900 ms of nothing",
         runs(second, 900, 900, false),
         {heads() + first + moved(second, 900)},
         "",
         {heads() + first + moved(second, 900)},
         ""});
  check({"32-bit times wrap",
         {{moved(all, (std::int64_t{1} << 32) - 2000), 10'000, true}},
         {all},
         "",
         {all},
         ""});
  check({"times begin anywhere", {{moved(all, 3'000'000'000), 10'000, true}}, {all}, "", {all}, ""});
}

// A hole that another rule made: pictures without their header, for three seconds, in which no audio came.
TEST(DecisionTable, HolesOfDroppedPictures) {
  const FlvItems first = run_of({.end = 2000});
  FlvItems undecodable;
  for (std::int64_t time = 2000; time < 5000; time += 40)
    undecodable.push_back({'h', static_cast<int>(time), time});
  const FlvItems second = run_of({.start = 5000, .end = 6000, .first = 1000});
  check({"C7 and D4",
         {{heads() + first + undecodable + second, 10'000, true}},
         {heads() + first + moved(second, -3000)},
         "video_without_header 75, jump 1, gap 1",
         {heads() + first + second},
         "video_without_header 75, jump 1, hole_kept 1, gap 1",
         3000});
}

// What a server's damage looks like in a file: the same stream with garbage, a zero page, wrong sizes.
TEST(DecisionTable, DamagedBytes) {
  const FlvItems stream = run_of({.end = 2000});
  for (const std::uint8_t filler : {std::uint8_t{0xAB}, std::uint8_t{0}}) {
    Bytes bytes = test::flv_bytes(heads() + stream);
    const Bytes tail = test::flv_bytes(run_of({.start = 2000, .end = 3000, .first = 1000}), false);
    bytes.insert(bytes.end(), 4096, filler);
    test::append(bytes, tail);
    const test::CollectingSink output = test::record_bytes(bytes);
    ASSERT_EQ(output.files.size(), 1U);
    EXPECT_EQ(text_of(output.files[0].as_items()),
              text_of(heads() + stream + run_of({.start = 2000, .end = 3000, .first = 1000})));
    EXPECT_EQ(output.findings_text(), "resync 1");
  }
  // A page of zeros over some tags: those are gone, the rest keeps its times.
  Bytes bytes = test::flv_bytes(heads() + stream);
  const std::size_t at = bytes.size() / 2;
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4096, std::uint8_t{0});
  const test::CollectingSink output = test::record_bytes(bytes);
  ASSERT_EQ(output.files.size(), 1U);
  const FlvItems kept = output.files[0].as_items();
  EXPECT_EQ(output.findings_text(), "resync 1, gap 1");
  EXPECT_LT(kept.size(), heads().size() + stream.size());
  // Three tags each 40 ms.
  const auto gone = static_cast<double>(heads().size() + stream.size() - kept.size());
  EXPECT_NEAR(static_cast<double>(output.lost_ms()), gone * 40 / 3, 40);
  EXPECT_EQ(output.findings.back().cause, flv::LossCause::damage);
  const FlvItems whole = heads() + stream;
  std::size_t from = 0;
  for (const test::FlvItem& item : kept) {
    while (from < whole.size() && !(whole[from] == item)) ++from;
    EXPECT_LT(from, whole.size()) << text_of({item});
  }
}

// A connection that breaks inside a tag, and the next one.
TEST(DecisionTable, ACutTagAndTheNextConnection) {
  const FlvItems stream = run_of({.end = 4000});
  FlvItems before;
  FlvItems again;
  for (const test::FlvItem& item : stream) {
    if (item.time <= 2400) before.push_back(item);
    if (item.time >= 2400) again.push_back(item);
  }
  Bytes cut = test::flv_bytes(heads() + before);
  cut.resize(cut.size() - 30);  // in the last tag
  test::FlvRecorder recorder;
  recorder.connection(cut);
  recorder.connection(test::flv_bytes(heads() + moved(again, 90'000)));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads() + stream));
  EXPECT_EQ(recorder.sink.findings_text(), "truncated_tag 1, header_repeated 2, jump 1, overlap_removed 1");
}

}  // namespace
}  // namespace live::flv
