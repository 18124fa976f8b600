// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/assembler.hpp"

#include <gtest/gtest.h>

#include "recorder/hls/file_scan.hpp"
#include "recorder/hls/media_segment.hpp"
#include "stream.hpp"

namespace live::hls {
namespace {

using test::parsed_init;
using test::stream_init;
using test::stream_segment;

// One run of a written file: which content, when, in milliseconds of the file.
struct Written {
  std::string content;
  std::int64_t video_ms, sound_ms;
  bool operator==(const Written&) const = default;
};
void PrintTo(const Written& one, std::ostream* out) {
  *out << one.content << " at " << one.video_ms << "/" << one.sound_ms;
}

class Collector final : public Sink {
 public:
  struct File {
    Bytes bytes;
    std::optional<CloseReason> reason;
    std::int64_t length_ms = 0;
  };
  std::vector<File> files;
  std::vector<Finding> findings;
  std::int64_t last_source_ms = 0;

  void begin_file(const FileStart& start) override {
    EXPECT_TRUE(files.empty() || files.back().reason);
    files.push_back({Bytes(start.init.begin(), start.init.end()), {}, 0});
  }
  void append_media(ByteView bytes, std::int64_t file_ms, std::int64_t source_ms) override {
    last_source_ms = source_ms;
    ASSERT_FALSE(files.back().reason);
    files.back().bytes.insert(files.back().bytes.end(), bytes.begin(), bytes.end());
    EXPECT_GE(file_ms, files.back().length_ms);
    files.back().length_ms = file_ms;
  }
  void end_file(CloseReason reason) override { files.back().reason = reason; }
  void report(const Finding& finding) override { findings.push_back(finding); }

  std::vector<FindingKind> kinds() const {
    std::vector<FindingKind> list;
    for (const Finding& finding : findings) list.push_back(finding.kind);
    return list;
  }
};

// What stands in a file, read anew: the invariants of every output on the way.
std::vector<Written> read_file(const Bytes& file) {
  std::size_t init_size = load_u32(file.data());
  init_size += load_u32(file.data() + init_size);
  const InitSegment init = parse_init(ByteView(file).first(init_size)).value();
  std::vector<Written> list;
  std::vector<std::uint64_t> ends(init.tracks.size());
  std::size_t at = init_size;
  std::uint32_t number = 0;
  while (at < file.size()) {
    const std::size_t moof = load_u32(file.data() + at);
    const std::size_t mdat = load_u32(file.data() + at + moof);
    const Result<Fragment> fragment = parse_fragment(ByteView(file).subspan(at, moof), mdat, at, init);
    EXPECT_TRUE(fragment) << fragment.error().message;
    Written one;
    for (const TrackRun& run : fragment->runs) {
      // Decode times rise over the whole file, up to the last sample of the run before.
      EXPECT_GT(run.decode_time + run.last_duration, ends[run.track]);
      ends[run.track] = run.decode_time + run.duration;
      const auto scale = init.tracks[run.track].timescale;
      (run.track == 0 ? one.video_ms : one.sound_ms) =
          static_cast<std::int64_t>(run.decode_time * 1000 / scale);
    }
    EXPECT_EQ(load_u32(file.data() + at + fragment->sequence_at), ++number);
    const std::string_view media = as_text(ByteView(file).subspan(at + fragment->media, mdat - 8));
    const std::string_view begin = media.substr(0, media.find("picture 1 "));
    one.content = begin.substr(begin.rfind(' ') + 1);
    list.push_back(one);
    at += moof + mdat;
  }
  return list;
}

class AssemblerTest : public ::testing::Test {
 protected:
  Collector out;
  Assembler assembler{{}, out};
  std::shared_ptr<const InitSegment> init = parsed_init(stream_init());
  std::int64_t now = 0;

  void give(const test::SegmentSpec& spec, bool new_timeline = false) {
    Bytes bytes = stream_segment(spec);
    now += 1000;
    assembler.segment({init, 1000, new_timeline, false}, bytes, now);
  }
  std::vector<Written> file(std::size_t index = 0) {
    EXPECT_LT(index, out.files.size());
    return index < out.files.size() ? read_file(out.files[index].bytes) : std::vector<Written>();
  }
};

TEST_F(AssemblerTest, AFileBeginsAtZeroWithAKeyFrame) {
  give({1, 205, false});
  give({2, 206, true});
  give({3, 207, false});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"2", 0, 0}, {"3", 1000, 1000}}));
  EXPECT_EQ(out.files[0].length_ms, 2000);
  EXPECT_EQ(out.files[0].reason, CloseReason::end);
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::before_key_frame});
}

TEST_F(AssemblerTest, AMissingSegmentIsAnExactLossAndTheHoleIsClosed) {
  give({1, 10, true});
  assembler.lost(LossReason::missing, 1, 1000);
  give({3, 12, true});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"1", 0, 0}, {"3", 1000, 1000}}));
  ASSERT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::segment_missing});
  EXPECT_EQ(out.findings[0].lost_ms, 1000);
  EXPECT_FALSE(out.findings[0].lost_is_estimated);
  EXPECT_EQ(out.findings[0].segments, 1u);
  EXPECT_EQ(out.findings[0].raw_before_ms, 11'000);
  EXPECT_EQ(out.findings[0].raw_after_ms, 12'000);
  EXPECT_EQ(out.findings[0].file_ms, 1000);
}

TEST_F(AssemblerTest, WithGapsKeptTheHoleStays) {
  assembler.set_options({true, 0, 0});
  give({1, 10, true});
  assembler.lost(LossReason::window, 5, 5000);
  give({7, 16, true});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"1", 0, 0}, {"7", 6000, 6000}}));
  EXPECT_EQ(out.findings.at(0).kind, FindingKind::window_passed);
  EXPECT_EQ(out.findings.at(0).lost_ms, 5000);
}

TEST_F(AssemblerTest, SeveralReasonsShareALoss) {
  give({1, 10, true});
  assembler.lost(LossReason::missing, 1, 1000);
  assembler.lost(LossReason::window, 3, 3000);
  give({6, 15.2, true});
  ASSERT_EQ(out.kinds(),
            (std::vector<FindingKind>{FindingKind::segment_missing, FindingKind::window_passed}));
  EXPECT_EQ(out.findings[0].lost_ms + out.findings[1].lost_ms, 4200);
  EXPECT_EQ(out.findings[0].lost_ms, 1050);
}

TEST_F(AssemblerTest, ALossWithAnotherTimeBaseIsEstimated) {
  give({1, 10, true});
  assembler.lost(LossReason::missing, 2, 2000);
  give({4, 5000, true});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"1", 0, 0}, {"4", 1000, 1000}}));
  EXPECT_EQ(out.findings.at(0).lost_ms, 2000);
  EXPECT_TRUE(out.findings.at(0).lost_is_estimated);
}

TEST_F(AssemblerTest, ADamagedSegmentIsALoss) {
  give({1, 10, true});
  Bytes bytes = stream_segment({2, 11});
  bytes.resize(bytes.size() / 2);
  assembler.segment({init, 1000, false, false}, bytes, now);
  give({3, 12, true});
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::segment_damaged});
  EXPECT_EQ(out.findings[0].lost_ms, 1000);
}

TEST_F(AssemblerTest, LossesAtTheEndCount) {
  give({1, 10, true});
  assembler.lost(LossReason::missing, 1, 1000);
  assembler.finish();
  EXPECT_EQ(out.findings.at(0).lost_ms, 1000);
  EXPECT_TRUE(out.findings.at(0).lost_is_estimated);
}

TEST_F(AssemblerTest, AStepBackIsJoinedAndAShortHoleOfTheSourceStays) {
  give({1, 10, true});
  give({2, 4, true});
  give({3, 8, true});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"1", 0, 0}, {"2", 1000, 1000}, {"3", 5000, 5000}}));
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::step_back});
}

TEST_F(AssemblerTest, AJumpFarAheadIsClosed) {
  give({1, 10, true});
  give({2, 500, true});
  assembler.finish();
  EXPECT_EQ(file(), (std::vector<Written>{{"1", 0, 0}, {"2", 1000, 1000}}));
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::jump});
}

TEST_F(AssemblerTest, RepeatedTailIsLeftOut) {
  for (int i = 0; i < 4; ++i) give({i, 10.0 + i, i % 2 == 0});
  for (int i = 1; i < 4; ++i) give({i, 10.0 + i, i % 2 == 0});
  give({4, 14, true});
  assembler.finish();
  EXPECT_EQ(file(),
            (std::vector<Written>{
                {"0", 0, 0}, {"1", 1000, 1000}, {"2", 2000, 2000}, {"3", 3000, 3000}, {"4", 4000, 4000}}));
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>(3, FindingKind::repeat_removed));
  EXPECT_FALSE(assembler.wants_reconnect());
}

TEST_F(AssemblerTest, EqualMediaThatGoesOnInTimeIsNoRepeat) {
  for (int i = 0; i < 4; ++i) give({0, 10.0 + i, i == 0});
  assembler.finish();
  EXPECT_EQ(file().size(), 4u);
  EXPECT_TRUE(out.findings.empty());
}

TEST_F(AssemblerTest, AServerThatLoopsIsLeft) {
  for (int i = 0; i < 4; ++i) give({i, 10.0 + i, i % 2 == 0});
  for (int i = 0; i < Assembler::most_repeats; ++i) give({i % 4, 10.0 + i % 4, i % 2 == 0});
  EXPECT_TRUE(assembler.wants_reconnect());
  EXPECT_EQ(out.kinds().back(), FindingKind::server_loops);
  assembler.connection_started();
  EXPECT_FALSE(assembler.wants_reconnect());
}

TEST_F(AssemblerTest, AnotherConfigurationIsAnotherFile) {
  give({1, 10, true});
  init = parsed_init(stream_init(1280));
  give({2, 11, false});
  give({3, 12, true});
  assembler.finish();
  ASSERT_EQ(out.files.size(), 2u);
  EXPECT_EQ(out.files[0].reason, CloseReason::configuration_changed);
  EXPECT_EQ(file(1), (std::vector<Written>{{"3", 0, 0}}));
  EXPECT_EQ(out.kinds(),
            (std::vector<FindingKind>{FindingKind::configuration_changed, FindingKind::before_key_frame}));
}

TEST_F(AssemblerTest, OtherBytesOfTheSameConfigurationGoOn) {
  give({1, 10, true});
  init = parsed_init(stream_init(640, 99));
  give({2, 11, false});
  init = parsed_init(stream_init(640, 99));  // fetched again
  give({3, 12, false});
  assembler.finish();
  EXPECT_EQ(out.files.size(), 1u);
  EXPECT_EQ(file().size(), 3u);
  EXPECT_EQ(out.kinds(), std::vector<FindingKind>{FindingKind::init_changed});
}

TEST_F(AssemblerTest, NumbersThatBeginAnewGoOnOnlyWhenTimeDoes) {
  give({1, 10, true});
  give({2, 11, false}, true);
  EXPECT_EQ(out.files.size(), 1u);
  now += 4000;
  give({3, 0, false}, true);
  give({4, 1, true});
  assembler.finish();
  ASSERT_EQ(out.files.size(), 2u);
  EXPECT_EQ(out.files[0].reason, CloseReason::not_joined);
  EXPECT_EQ(file(0).size(), 2u);
  EXPECT_EQ(file(1), (std::vector<Written>{{"4", 0, 0}}));
  ASSERT_EQ(out.kinds(),
            (std::vector<FindingKind>{FindingKind::sequence_restarted, FindingKind::sequence_restarted,
                                      FindingKind::before_key_frame}));
  EXPECT_EQ(out.findings[0].lost_ms, 0);
  EXPECT_EQ(out.findings[1].lost_ms, 4000);
  EXPECT_TRUE(out.findings[1].lost_is_estimated);
}

TEST_F(AssemblerTest, NumbersThatBeginAnewWithKnownMediaContinueIt) {
  for (int i = 0; i < 4; ++i) give({i, 10.0 + i, i == 0});
  give({2, 0, false}, true);
  give({3, 1, false});
  give({4, 2, false});
  assembler.finish();
  EXPECT_EQ(file(),
            (std::vector<Written>{
                {"0", 0, 0}, {"1", 1000, 1000}, {"2", 2000, 2000}, {"3", 3000, 3000}, {"4", 4000, 4000}}));
  EXPECT_EQ(out.findings.back().kind, FindingKind::sequence_restarted);
  EXPECT_EQ(out.findings.back().lost_ms, 0);
}

TEST_F(AssemblerTest, SplitsAreAtKeyFramesAndLoseNothing) {
  assembler.set_options({false, 3000, 0});
  for (int i = 0; i < 8; ++i) give({i, 10.0 + i, i % 2 == 0});
  assembler.request_split();
  give({8, 18, true});
  assembler.finish();
  ASSERT_EQ(out.files.size(), 3u);
  EXPECT_EQ(out.files[0].reason, CloseReason::duration_limit);
  EXPECT_EQ(file(0).size(), 4u);
  EXPECT_EQ(file(1),
            (std::vector<Written>{{"4", 0, 0}, {"5", 1000, 1000}, {"6", 2000, 2000}, {"7", 3000, 3000}}));
  EXPECT_EQ(file(2), (std::vector<Written>{{"8", 0, 0}}));
}

TEST_F(AssemblerTest, ThirtyTwoBitTimesEndTheFileInTime) {
  const live::test::Mp4Form narrow{false, false};
  give({0, 0, true, narrow});
  for (int hour = 1; hour < 15; ++hour) {
    assembler.lost(LossReason::window, 3599, 3'599'000);
    assembler.set_options({true, 0, 0});
    Bytes bytes = stream_segment({hour, 3600.0 * hour, true, narrow});
    assembler.segment({init, 1000, false, false}, bytes, now += 3'600'000);
    if (out.files.size() > 1) break;
  }
  assembler.finish();
  ASSERT_GE(out.files.size(), 1u);
  for (const Collector::File& one : out.files) read_file(one.bytes);
}

// Two processes in one show: the first wrote contents 1 to 4, of which 1 and 3 begin with a key frame; 4 came
// at 5000 ms and ends at 105 s of the source's time.
struct Restart {
  const char* name;
  bool tell_gap = true;
  std::optional<std::int64_t> source_end_ms = 105'000;
  std::vector<test::SegmentSpec> segments;
  std::vector<std::string> written;  // by the second
  std::vector<FindingKind> findings;
  std::int64_t lost_ms = 0;
  bool estimated = false;
  int missing_before = -1;  // a segment that does not come stands before this one
};

class AssemblerRestartTest : public AssemblerTest {};

TEST_F(AssemblerRestartTest, NothingIsThereTwiceAndWhatIsMissingIsTold) {
  using enum FindingKind;
  const std::vector<Restart> table = {
      {.name = "the window overlaps, and goes on within the group of pictures",
       .segments = {{3, 103}, {4, 104, false}, {5, 105, false}, {6, 106}},
       .written = {"5", "6"},
       .findings = {repeat_removed, repeat_removed, begins_in_gop}},
      {.name = "the same with times that began anew meanwhile",
       .segments = {{3, 0}, {4, 1, false}, {5, 2, false}, {6, 3}},
       .written = {"5", "6"},
       .findings = {repeat_removed, repeat_removed, begins_in_gop}},
      {.name = "the window begins right behind",
       .segments = {{5, 105, false}, {6, 106}},
       .written = {"5", "6"},
       .findings = {begins_in_gop}},
      {.name = "what was left out at the first start is so again",
       .segments = {{0, 100, false}, {1, 101}, {2, 102, false}, {3, 103}, {4, 104, false}, {5, 105}},
       .written = {"5"},
       .findings = {before_key_frame, repeat_removed, repeat_removed, repeat_removed, repeat_removed}},
      {.name = "the window has moved on",
       .segments = {{8, 108, false}, {9, 109}, {10, 110, false}},
       .written = {"9", "10"},
       .findings = {before_key_frame, gap},
       .lost_ms = 4000},
      {.name = "nobody knows the source's time of the end",
       .source_end_ms = std::nullopt,
       .segments = {{9, 109}},
       .written = {"9"},
       .findings = {gap},
       .lost_ms = 4000,
       .estimated = true},
      {.name = "times began anew",
       .segments = {{9, 2}},
       .written = {"9"},
       .findings = {gap},
       .lost_ms = 4000,
       .estimated = true},
      {.name = "a pause that is no loss",
       .tell_gap = false,
       .segments = {{4, 104, false}, {9, 109}},
       .written = {"9"},
       .findings = {repeat_removed}},
      {.name = "the first one behind the end does not come",
       .segments = {{4, 104, false}, {6, 106, false}, {7, 107}},
       .written = {"7"},
       .findings = {repeat_removed, before_key_frame, gap},
       .lost_ms = 2000,
       .missing_before = 1},
  };
  for (const Restart& c : table) {
    SCOPED_TRACE(c.name);
    Collector first_out, second_out;
    Assembler first({}, first_out), second({}, second_out);
    std::int64_t at = 1000;
    const auto give_to = [&](Assembler& to, const test::SegmentSpec& spec) {
      Bytes bytes = stream_segment(spec);
      to.segment({init, 1000, false, false}, bytes, at += 1000);
    };
    for (int i = 1; i <= 4; ++i) give_to(first, {i, 100.0 + i, i % 2 == 1});
    EXPECT_EQ(first_out.last_source_ms, 105'000);
    Resumption from;
    from.hashes = first.memory().list();
    EXPECT_EQ(from.hashes.size(), 4u);
    from.source_end_ms = c.source_end_ms;
    from.arrival_ms = at;
    from.tell_gap = c.tell_gap;
    second.resume(from);
    second.connection_started();
    // The first one that is written comes 5 s after the last one of the first process.
    at += 5000 - 1000 * static_cast<std::int64_t>(c.segments.size() - c.written.size() + 1);
    for (std::size_t i = 0; i < c.segments.size(); ++i) {
      if (static_cast<int>(i) == c.missing_before) second.lost(LossReason::missing, 1, 1000);
      give_to(second, c.segments[i]);
    }
    second.finish();
    std::vector<std::string> contents;
    for (const Collector::File& one : second_out.files)
      for (const Written& run : read_file(one.bytes)) contents.push_back(run.content);
    EXPECT_EQ(contents, c.written);
    EXPECT_EQ(second_out.kinds(), c.findings);
    for (const Finding& finding : second_out.findings) {
      if (finding.kind != gap) continue;
      EXPECT_EQ(finding.lost_ms, c.lost_ms);
      EXPECT_EQ(finding.lost_is_estimated, c.estimated);
      EXPECT_EQ(finding.segments, c.missing_before >= 0 ? 1u : 0u);
      EXPECT_EQ(finding.file_ms, 0);
    }
  }
}

}  // namespace
}  // namespace live::hls
