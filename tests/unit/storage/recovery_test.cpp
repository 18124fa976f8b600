// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recovery.hpp"

#include <gtest/gtest.h>

#include <random>

#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/rules/script.hpp"
#include "recorder/storage/segment_file.hpp"
#include "support/fault_filesystem.hpp"
#include "support/flv_recorder.hpp"
#include "support/loop.hpp"

namespace live::storage {
namespace {

using test::FlvItems;
using test::items;
using test::text_of;

const FlvItems heads = items("V1@0 A1@0");

test::OutputFile source(std::int64_t length = 8000) {
  return test::record(heads + test::run_of({.end = length})).files.at(0);
}

FlvItems read(const Bytes& file) {
  const test::CollectingSink output = test::record_bytes(file);
  EXPECT_EQ(output.findings_text(), "");
  return output.files.size() == 1 ? output.files[0].as_items() : FlvItems();
}

double duration_in(const Bytes& file) {
  const std::size_t size = load_u24(file.data() + 14);
  return *flv::metadata_of(ByteView(file).subspan(24, size))->find("duration")->number();
}

TEST(Recovery, PublishesAWholeFileUnchanged) {
  test::FaultFileSystem files;
  const Bytes whole = source().as_bytes();
  files.put("/room/a/x.flv.part", whole);
  files.put("/room/a/x.part.json", Bytes{'{', '}'});
  const RecoveredFile result = recover(files, "/room", "a/x.flv.part");
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.path, "a/x.flv");
  EXPECT_EQ(result.cut_bytes, 0U);
  EXPECT_EQ(result.hole_bytes, 0U);
  EXPECT_EQ(result.media_tags, 600U);
  EXPECT_EQ(result.duration_ms, 7980);
  EXPECT_EQ(result.journal, "{}");
  EXPECT_EQ(files.files(), (std::vector<std::string>{"/room/a/x.flv", "/room/a/x.part.json"}));
  EXPECT_EQ(files.content("/room/a/x.flv"), whole);
}

TEST(Recovery, CutsToTheLastWholeTag) {
  const test::OutputFile file = source();
  const Bytes whole = file.as_bytes();
  const FlvItems all = file.as_items();
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    test::FaultFileSystem files;
    const std::size_t size = 10'000 + random() % (whole.size() - 10'000);
    files.put("/room/x.flv.part", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    const RecoveredFile result = recover(files, "/room", "x.flv.part");
    ASSERT_EQ(result.path, "x.flv") << result.error;
    const Bytes published = files.content("/room/x.flv");
    EXPECT_EQ(published.size(), size - result.cut_bytes);
    EXPECT_LT(result.cut_bytes, 450U);  // less than one tag
    const FlvItems got = read(published);
    ASSERT_GT(got.size(), 10U);
    EXPECT_EQ(text_of(got),
              text_of(FlvItems(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(got.size()))));
    EXPECT_DOUBLE_EQ(duration_in(published), static_cast<double>(got.back().time) / 1000.0);
    files.lose_power();
    EXPECT_EQ(files.content("/room/x.flv"), published);
  }
}

TEST(Recovery, CutsAZeroTail) {
  test::FaultFileSystem files;
  Bytes bytes = source().as_bytes();
  const std::size_t size = bytes.size();
  bytes.resize(size + 8192, 0);
  files.put("/room/x.flv.part", bytes);
  const RecoveredFile result = recover(files, "/room", "x.flv.part");
  EXPECT_EQ(result.cut_bytes, 8192U);
  EXPECT_EQ(files.content("/room/x.flv").size(), size);
}

TEST(Recovery, LeavesOutHoles) {
  test::FaultFileSystem files;
  const test::OutputFile file = source();
  Bytes bytes = file.as_bytes();
  std::fill(bytes.begin() + 40'960, bytes.begin() + 45'056, std::uint8_t{0});
  files.put("/room/x.flv.part", bytes);
  const RecoveredFile result = recover(files, "/room", "x.flv.part");
  ASSERT_EQ(result.path, "x.flv") << result.error;
  EXPECT_GE(result.hole_bytes, 4096U);
  EXPECT_LT(result.hole_bytes, 5500U);
  const FlvItems got = read(files.content("/room/x.flv"));
  EXPECT_GT(got.size(), 560U);
  EXPECT_EQ(got.back(), file.as_items().back());
  EXPECT_EQ(files.files(), std::vector<std::string>{"/room/x.flv"});
}

TEST(Recovery, MovesToTheTrashWhatIsNoRecording) {
  const Bytes whole = source().as_bytes();
  const Bytes few = test::record(heads + test::run_of({.end = 60})).files.at(0).as_bytes();
  for (const Bytes& bytes :
       {Bytes(), Bytes{1, 2, 3}, Bytes(5000, 0), Bytes(whole.begin(), whole.begin() + 500), few}) {
    test::FaultFileSystem files;
    files.put("/room/x.flv.part", bytes);
    const RecoveredFile result = recover(files, "/room", "x.flv.part");
    EXPECT_EQ(result.path, "");
    EXPECT_EQ(result.error, "");
    EXPECT_EQ(files.files(), std::vector<std::string>{"/room/.liveroom/trash/x.flv.part"});
    EXPECT_EQ(files.content("/room/.liveroom/trash/x.flv.part"), bytes);
  }
}

TEST(Recovery, LeavesTheFileWhenTheVolumeRefuses) {
  test::FaultFileSystem files;
  const Bytes whole = source().as_bytes();
  files.put("/room/x.flv.part", whole);
  files.fail_next(test::FaultFileSystem::Operation::rename, EIO);
  const RecoveredFile result = recover(files, "/room", "x.flv.part");
  EXPECT_NE(result.error, "");
  EXPECT_EQ(result.path, "");
  EXPECT_EQ(files.content("/room/x.flv.part"), whole);
}

TEST(Recovery, FindsLeftoversBelowTheRoot) {
  test::FaultFileSystem files;
  for (const char* path : {"/room/x.flv.part", "/room/a/b/y.flv.part", "/room/z.flv", "/room/x.part.json",
                           "/room/.liveroom/trash/t.flv.part", "/other/o.flv.part"})
    files.put(path, {});
  EXPECT_EQ(find_leftovers(files, "/room"), (std::vector<std::string>{"a/b/y.flv.part", "x.flv.part"}));
  EXPECT_TRUE(find_leftovers(files, "/nowhere").empty());
}

// Killed between any two operations of a recovery, and recovered again: the file is there, whole, once.
TEST(Recovery, SurvivesKillsAtEveryStep) {
  const test::OutputFile file = source();
  Bytes damaged = file.as_bytes();
  std::fill(damaged.begin() + 40'960, damaged.begin() + 45'056, std::uint8_t{0});
  damaged.resize(damaged.size() - 30);
  for (const bool power : {false, true}) {
    for (std::uint64_t step = 0;; ++step) {
      test::FaultFileSystem files;
      files.put("/room/x.flv.part", damaged);
      const std::uint64_t before = files.changes();
      files.kill_after(before + step);
      const RecoveredFile first = recover(files, "/room", "x.flv.part");
      power ? files.lose_power() : files.restart();
      for (const std::string& part : find_leftovers(files, "/room")) (void)recover(files, "/room", part);
      ASSERT_TRUE(files.exists("/room/x.flv")) << step;
      EXPECT_GT(read(files.content("/room/x.flv")).size(), 560U) << step;
      EXPECT_TRUE(find_leftovers(files, "/room").empty());
      if (first.error.empty()) break;
    }
  }
}

// A recording killed between any two operations of its segment, then recovered: what is published is whole,
// and nothing that was on the volume is lost.
class KilledRecording : public testing::TestWithParam<bool> {};

TEST_P(KilledRecording, LeavesEveryFileWhole) {
  const test::OutputFile file = source(3000);
  const flv::FileHeaders headers = [&] {
    flv::FileHeaders result = file.headers;
    result.metadata = file.metadata;
    result.video_header = file.video_header;
    result.audio_header = file.audio_header;
    return result;
  }();
  for (std::uint64_t step = 0; step < 400; ++step) {
    test::Loop loop;
    test::FaultFileSystem files;
    DiskThread disk(loop.executor());
    files.kill_after(step);
    SegmentLimits limits;
    limits.buffer_bytes = 4000;
    limits.sync_bytes = 12'000;
    SegmentFile segment(disk, files, "/room", {"", "x"}, "flv", loop.clock.now(), limits);
    flv::WriterOptions options;
    options.index_entries = 16;
    flv::FileWriter writer(segment, headers, options);
    segment.write_journal("{}");
    for (const auto& tag : file.tags) {
      flv::OutputTag output;
      output.type = tag.type;
      output.frame = flv::classify(tag.type, tag.payload).frame;
      output.time = tag.time;
      output.payload = tag.payload;
      writer.write(output);
      if (writer.media_tags() % 50 == 0) writer.update(true);
    }
    writer.finish();
    const auto outcome = loop.run_real(segment.publish());
    const std::uint64_t synced = segment.synced();
    GetParam() ? files.lose_power() : files.restart();
    for (const std::string& part : find_leftovers(files, "/room"))
      EXPECT_EQ(recover(files, "/room", part).error, "") << step;
    for (const std::string& path : files.files()) {
      if (!path.ends_with(".flv")) continue;
      const FlvItems got = read(files.content(path));
      FlvItems expected = file.as_items();
      ASSERT_LE(got.size(), expected.size());
      expected.resize(got.size());
      EXPECT_EQ(text_of(got), text_of(expected)) << step;
      EXPECT_GE(files.content(path).size() + 450, synced) << step;
    }
    if (synced > 12'000) {
      EXPECT_TRUE(files.exists("/room/x.flv")) << step;
    }
    if (outcome) {
      EXPECT_EQ(read(files.content("/room/x.flv")), file.as_items());
      return;
    }
  }
  FAIL() << "the recording never came to its end";
}

INSTANTIATE_TEST_SUITE_P(Recovery, KilledRecording, testing::Bool(),
                         [](const auto& which) { return which.param ? "PowerLoss" : "Kill"; });

}  // namespace
}  // namespace live::storage
