// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/repeats.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::FlvItems;
using test::items;
using test::moved;
using test::run_of;
using test::text_of;

const FlvItems heads = items("V1@0 A1@0");

FlvItems part(const FlvItems& stream, std::int64_t from, std::int64_t to) {
  FlvItems result;
  for (const test::FlvItem& item : stream) {
    if (item.time >= from && item.time < to) result.push_back(item);
  }
  return result;
}

struct Case {
  const char* name;
  std::vector<FlvItems> connections;
  FlvItems out;
  const char* findings;
};

void check(const Case& c) {
  test::FlvRecorder recorder;
  for (const FlvItems& connection : c.connections) recorder.connection(connection);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U) << c.name;
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + c.out)) << c.name;
  EXPECT_EQ(recorder.sink.findings_text(), c.findings) << c.name;
  EXPECT_EQ(test::broken_invariants(recorder.sink), "") << c.name;
}

// E1, E2: what the second connection sends of the first one is dropped, to the tag.
TEST(Repeats, JoinsConnectionsThatOverlap) {
  const FlvItems stream = run_of({.end = 8000});
  for (const std::int64_t base : {std::int64_t{0}, std::int64_t{5'000'000}, std::int64_t{-1500}}) {
    check({"from the last key frame",
           {heads + part(stream, 0, 4380), heads + moved(part(stream, 4000, 8000), base)},
           stream,
           base == 0 ? "header_repeated 2, overlap_removed 20"
                     : "header_repeated 2, jump 1, overlap_removed 20"});
  }
  check({"over several GOPs",
         {heads + part(stream, 0, 4380), heads + moved(part(stream, 2000, 8000), 777'000)},
         stream,
         "header_repeated 2, jump 1, overlap_removed 20, repeat_removed 5"});
  check({"to the end of a GOP",
         {heads + part(stream, 0, 4400), heads + moved(part(stream, 4000, 8000), 777'000)},
         stream,
         "header_repeated 2, jump 1, overlap_removed 21"});
  check({"nothing but the overlap",
         {heads + part(stream, 0, 4380), heads + moved(part(stream, 4000, 4380), 777'000)},
         part(stream, 0, 4380),
         "header_repeated 2, jump 1, overlap_removed 20"});
}

TEST(Repeats, JoinsManyConnections) {
  const FlvItems stream = run_of({.end = 20'000});
  test::FlvRecorder recorder;
  std::int64_t at = 0;
  for (int i = 0; at < 20'000; ++i) {
    const std::int64_t from = at / 400 * 400;  // the last key frame
    recorder.connection(heads + moved(part(stream, from, at + 1660), i * 100'000));
    at += 1660;
  }
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + stream));
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

// E3
TEST(Repeats, LeavesConnectionsThatDoNotOverlap) {
  const FlvItems first = run_of({.end = 2000});
  const FlvItems second = run_of({.start = 2000, .end = 4000, .first = 1000});
  check({"another base",
         {heads + first, heads + moved(second, 90'000)},
         first + second,
         "header_repeated 2, jump 1"});
  check({"the same base", {heads + first, heads + second}, first + second, "header_repeated 2"});
}

// An edge server lost its upstream and got it again; our connection never broke.
TEST(Repeats, DropsWhatAnEdgeServerSendsAgain) {
  const FlvItems stream = run_of({.end = 8000});
  check({"metadata, headers, the last GOPs",
         {heads + part(stream, 0, 4380) + items("M1@0") + heads + part(stream, 3600, 8000)},
         stream,
         "metadata_again 1, header_repeated 2, jump 1, overlap_removed 20, repeat_removed 1"});
  check({"a jump only",
         {heads + part(stream, 0, 4380) + moved(part(stream, 3600, 8000), 333'000)},
         stream,
         "jump 1, overlap_removed 20, repeat_removed 1"});
  check({"times go on: whole GOPs by their key frames",
         {heads + part(stream, 0, 4400) + moved(part(stream, 3600, 4400), 800) +
          moved(part(stream, 4400, 8000), 800)},
         stream,
         "overlap_removed 21, repeat_removed 1"});
}

// The seconds that are sent again hold a change of the configuration.
TEST(Repeats, DropsAnOverlapAcrossAChangeOfHeaders) {
  const FlvItems first = run_of({.end = 2000});
  const FlvItems second = run_of({.start = 2000, .end = 4000, .first = 1000});
  const FlvItems stream = heads + first + items("V2@2000") + second;
  test::FlvRecorder recorder;
  recorder.connection(heads + first + items("V2@2000") + part(second, 0, 3380));
  recorder.connection(heads + part(first, 1600, 2000) + items("V2@2000") + second);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + first));
  EXPECT_EQ(text_of(recorder.files()[1].as_items()), text_of(items("V2@0 A1@0") + moved(second, -2000)));
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

// The first audio header comes with the overlap.
TEST(Repeats, KeepsAFirstAudioHeaderInsideAnOverlap) {
  const FlvItems stream = run_of({.end = 8000});
  const FlvItems pictures = test::only(stream, TagType::video);
  test::FlvRecorder recorder;
  recorder.connection(items("V1@0") + part(pictures, 0, 4380));
  recorder.connection(heads + part(stream, 4000, 8000));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(test::only(recorder.files()[0].as_items(), TagType::video)),
            text_of(items("V1@0") + pictures));
  const FlvItems audio = test::only(recorder.files()[0].as_items(), TagType::audio);
  ASSERT_GT(audio.size(), 150U);
  EXPECT_EQ(audio.front().kind, 'A');
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

// Times are stamped anew and the server never stops.
TEST(Repeats, RecognisesAServerThatLoops) {
  const FlvItems stream = run_of({.end = 4000});
  for (const bool times_go_on : {true, false}) {
    test::FlvRecorder recorder;
    recorder.connection(heads + stream);
    FlvItems loop;
    for (int i = 0; i < 12; ++i)
      loop = loop + moved(part(stream, 3200, 4000), times_go_on ? (i + 1) * 800 : 0);
    recorder.pipeline.idle(0);
    EXPECT_FALSE(recorder.pipeline.wants_reconnect());
    for (const test::FlvItem& item : loop) {
      const Bytes payload = test::payload_of(item.kind, item.number);
      recorder.pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload}, 0);
      recorder.pipeline.settle();
    }
    EXPECT_TRUE(recorder.pipeline.wants_reconnect());
    EXPECT_EQ(recorder.sink.count(FindingKind::server_loops), 1U);
    EXPECT_LT(recorder.pipeline.buffers().repeats, 60'000U);
    recorder.finish();
    ASSERT_EQ(recorder.files().size(), 1U);
    EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + stream)) << times_go_on;
    EXPECT_EQ(test::broken_invariants(recorder.sink), "");
  }
}

// A still picture: equal GOPs that nobody sent twice, with sound that is new.
FlvItems still(std::int64_t start, std::int64_t end, bool silent) {
  FlvItems list;
  for (std::int64_t time = start; time < end; time += 20) {
    if (time % 40 == 0) list.push_back({time % 400 == 0 ? 'K' : 'P', static_cast<int>(time % 400), time});
    list.push_back({silent ? 's' : 'a', silent ? 0 : static_cast<int>(time), time});
  }
  return list;
}

TEST(Repeats, KeepsAStillPictureWithSound) {
  const FlvItems stream = still(0, 6000, false);
  check({"E4", {heads + stream}, stream, ""});
}

// One key frame that is equal to an earlier one, then other pictures.
TEST(Repeats, KeepsAnEqualKeyFrame) {
  FlvItems stream = run_of({.end = 4000});
  stream[60].number = stream[0].number;
  ASSERT_EQ(stream[60].kind, 'K');
  check({"E4", {heads + stream}, stream, ""});
}

// Silence is always the same frame and proves nothing.
TEST(Repeats, SilenceIsNoRepeat) {
  FlvItems stream = run_of({.end = 4000});
  FlvItems more = run_of({.start = 4000, .end = 8000, .first = 1000});
  for (FlvItems* list : {&stream, &more}) {
    for (test::FlvItem& item : *list) {
      if (item.kind == 'a') item = {'s', 0, item.time};
    }
  }
  check({"with pictures",
         {heads + stream, heads + moved(more, 70'000)},
         stream + more,
         "header_repeated 2, jump 1"});
  test::FlvRecorder recorder;
  const FlvItems silence = test::only(stream, TagType::audio);
  recorder.connection(items("A1@0") + silence);
  recorder.connection(items("A1@0") + moved(silence, 90'000));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(items("A1@0") + silence + moved(silence, 4000)));
}

TEST(Repeats, JoinsAudioAlone) {
  const FlvItems stream = run_of({.end = 8000, .video = false});
  test::FlvRecorder recorder;
  recorder.connection(items("A1@0") + part(stream, 0, 6000));
  recorder.connection(items("A1@0") + moved(part(stream, 5000, 8000), 90'000));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(items("A1@0") + stream));
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

// The same key frame again, but what followed it then does not follow now: the pictures that the new ones
// need stay.
TEST(Repeats, KeepsAGopThatDiverges) {
  const FlvItems first = run_of({.end = 2000});
  FlvItems second = part(first, 1200, 1360) +
                    run_of({.start = 1360, .end = 1600, .first = 900, .gop = 1000}) +
                    run_of({.start = 1600, .end = 2400, .first = 950});
  second[part(first, 1200, 1360).size()].kind = 'P';
  test::FlvRecorder recorder;
  recorder.connection(heads + first);
  recorder.connection(heads + moved(second, 40'000));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + first + moved(second, 800)));
  EXPECT_EQ(recorder.sink.count(FindingKind::overlap_diverged), 1U);
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

// E1: at its limit the hold releases, and counts.
TEST(Repeats, HoldsItsBound) {
  test::FlvRecorder recorder;
  const FlvItems stream = run_of({.end = 60'000, .gop = 10'000});
  recorder.connection(heads + stream);
  recorder.connection(heads + moved(part(stream, 0, 30'000), 900'000));
  EXPECT_LE(recorder.pipeline.buffers().repeats, RepeatsRule::most_bytes);
  EXPECT_EQ(recorder.sink.count(FindingKind::hold_limit), 1U);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + stream));
}

// Across processes: only the hashes are known.
TEST(Repeats, RemembersAnotherProcess) {
  const FlvItems stream = run_of({.end = 8000});
  test::FlvRecorder before;
  before.connection(heads + part(stream, 0, 4380));
  before.finish();
  const std::vector<RememberedTag> memory = before.pipeline.memory();
  EXPECT_EQ(memory.size(), part(stream, 0, 4380).size());
  test::FlvRecorder after;
  after.pipeline.remember(memory);
  after.connection(heads + part(stream, 4000, 8000));
  after.finish();
  ASSERT_EQ(after.files().size(), 1U);
  // The rest of the GOP can't be decoded without its beginning; a little of its audio leads in the next.
  const FlvItems lead = test::only(part(stream, 4200, 4400), TagType::audio);
  EXPECT_EQ(text_of(after.files()[0].as_items()),
            text_of(heads + moved(lead + part(stream, 4400, 8000), -4200)));
}

}  // namespace
}  // namespace live::flv
