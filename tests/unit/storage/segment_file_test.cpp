// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/segment_file.hpp"

#include <gtest/gtest.h>

#include <future>

#include "recorder/flv/file_writer.hpp"
#include "recorder/storage/segment_name.hpp"
#include "support/fault_filesystem.hpp"
#include "support/flv_recorder.hpp"
#include "support/loop.hpp"
#include "support/temp_directory.hpp"

namespace live::storage {
namespace {

using Operation = test::FaultFileSystem::Operation;

Bytes pattern(std::size_t size, std::uint8_t seed = 1) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7 + i / 251);
  return bytes;
}

class SegmentFileTest : public testing::Test {
 protected:
  static SegmentLimits small() {
    SegmentLimits limits;
    limits.buffer_bytes = 1000;
    limits.sync_bytes = 5000;
    return limits;
  }
  std::unique_ptr<SegmentFile> open(SegmentLimits limits = small(), FileName name = {"", "x"}) {
    auto segment =
        std::make_unique<SegmentFile>(disk, files, "/room", std::move(name), "flv", loop.clock.now(), limits);
    loop.run_real(segment->opened());
    return segment;
  }
  // Lets the disk thread finish what it has.
  void drain() {
    loop.run_until([this] { return disk.queued_jobs() == 0; });
  }
  TimePoint after(int milliseconds) { return loop.clock.now() + std::chrono::milliseconds(milliseconds); }

  test::Loop loop;
  test::FaultFileSystem files;
  DiskThread disk{loop.executor()};
};

TEST_F(SegmentFileTest, PublishesWhatWasAppended) {
  const auto segment = open(small(), {"a/b", "title"});
  EXPECT_EQ(segment->part_path(), "a/b/title.flv.part");
  EXPECT_EQ(segment->stem(), "a/b/title");
  Bytes all;
  for (int i = 0; i < 50; ++i) {
    const Bytes piece = pattern(static_cast<std::size_t>(i * 37 % 700), static_cast<std::uint8_t>(i));
    segment->append(piece);
    test::append(all, piece);
  }
  EXPECT_EQ(segment->size(), all.size());
  segment->write_journal("{}");
  auto result = loop.run_real(segment->publish());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->path, "a/b/title.flv");
  EXPECT_EQ(result->stem, "a/b/title");
  EXPECT_EQ(result->size, all.size());
  // The journal stays until the video is described.
  EXPECT_EQ(files.files(), (std::vector<std::string>{"/room/a/b/title.flv", "/room/a/b/title.part.json"}));
  EXPECT_EQ(files.content("/room/a/b/title.flv"), all);
  files.lose_power();
  EXPECT_EQ(files.content("/room/a/b/title.flv"), all);
}

// In the buffer, in what was handed over, and right at the border between.
TEST_F(SegmentFileTest, CanBeCutBack) {
  for (const std::size_t cut : {std::size_t{2900}, std::size_t{2000}, std::size_t{1500}, std::size_t{1}}) {
    const auto segment = open();
    segment->append(pattern(2950));
    segment->patch(100, Bytes(50, 0xEE));
    segment->truncate(cut);
    EXPECT_EQ(segment->size(), cut);
    const Bytes more = pattern(1700, 9);
    segment->append(more);
    Bytes expected = pattern(2950);
    std::fill_n(expected.begin() + 100, 50, std::uint8_t{0xEE});
    expected.resize(cut);
    test::append(expected, more);
    const auto result = loop.run_real(segment->publish());
    ASSERT_TRUE(result);
    EXPECT_EQ(files.content("/room/" + result->path), expected) << cut;
    files.lose_power();
    EXPECT_EQ(files.content("/room/" + result->path), expected) << cut;
  }
}

TEST_F(SegmentFileTest, NeverOverwrites) {
  files.put("/room/x.flv", Bytes{1});
  const auto first = open();
  const auto second = open();
  EXPECT_EQ(first->stem(), "x_2");
  EXPECT_EQ(second->stem(), "x_3");
  first->append(pattern(10));
  files.put("/room/x_2.flv", Bytes{9});  // taken while it was being written
  EXPECT_EQ(loop.run_real(first->publish())->path, "x_2_2.flv");
  EXPECT_EQ(files.content("/room/x.flv"), Bytes{1});
  EXPECT_EQ(files.content("/room/x_2.flv"), Bytes{9});
}

TEST_F(SegmentFileTest, HandsOverFullAndOldBuffers) {
  const auto segment = open();
  segment->append(pattern(999));
  drain();
  EXPECT_EQ(segment->written(), 0U);
  segment->append(pattern(2));
  drain();
  EXPECT_EQ(segment->written(), 1000U);
  EXPECT_EQ(segment->buffered_bytes(), 1U);
  segment->tick(after(499));
  drain();
  EXPECT_EQ(segment->written(), 1000U);
  segment->tick(after(500));
  drain();
  EXPECT_EQ(segment->written(), 1001U);
  EXPECT_EQ(segment->buffered_bytes(), 0U);
}

TEST_F(SegmentFileTest, SyncsByAgeAndBySize) {
  const auto segment = open();
  segment->append(pattern(1000));
  segment->tick(after(4999));
  drain();
  EXPECT_EQ(segment->synced(), 0U);
  segment->tick(after(5000));
  drain();
  EXPECT_EQ(segment->synced(), 1000U);
  segment->append(pattern(5000));  // at the limit, without a tick
  drain();
  EXPECT_EQ(segment->synced(), 6000U);
  SegmentLimits never = small();
  never.sync = false;
  const auto other = open(never, {"", "y"});
  other->append(pattern(20'000));
  other->tick(after(60'000));
  drain();
  EXPECT_EQ(other->synced(), 0U);
}

TEST_F(SegmentFileTest, PatchesBuffersAndFiles) {
  const auto segment = open();
  Bytes expected = pattern(2500);
  segment->append(expected);
  const auto patch = [&](std::uint64_t offset, std::size_t size) {
    const Bytes bytes = pattern(size, 99);
    segment->patch(offset, bytes);
    std::copy(bytes.begin(), bytes.end(), expected.begin() + static_cast<std::ptrdiff_t>(offset));
  };
  patch(10, 8);      // written
  patch(2100, 8);    // in the buffer
  patch(1990, 200);  // across the border
  patch(10, 4);      // the later one counts
  segment->append(pattern(3000, 5));
  test::append(expected, pattern(3000, 5));
  ASSERT_TRUE(loop.run_real(segment->publish()));
  EXPECT_EQ(files.content("/room/x.flv"), expected);
}

TEST_F(SegmentFileTest, KeepsWhatIsNotPublished) {
  auto segment = open();
  segment->append(pattern(300));
  segment.reset();
  drain();
  EXPECT_EQ(files.content("/room/x.flv.part"), pattern(300));
}

TEST_F(SegmentFileTest, DiscardsToTheTrash) {
  const auto segment = open();
  segment->append(pattern(300));
  segment->write_journal("{}");
  loop.run_real(segment->discard());
  EXPECT_EQ(files.files(), std::vector<std::string>{"/room/.liveroom/trash/x.flv.part"});
}

TEST_F(SegmentFileTest, KeepsTheJournalBesideIt) {
  const auto segment = open();
  segment->write_journal("{\"a\":1}");
  segment->write_journal("{\"a\":2}");
  drain();
  const ByteView expected = as_bytes("{\"a\":2}");
  EXPECT_EQ(files.content("/room/x.part.json"), Bytes(expected.begin(), expected.end()));
  files.fail_next(Operation::open, EIO);
  segment->write_journal("{\"a\":3}");
  drain();
  EXPECT_FALSE(segment->failure());  // a recording does not fail for want of it
}

TEST_F(SegmentFileTest, SaysThatItCannotOpen) {
  files.fail_next(Operation::open, EACCES);
  const auto segment = open();
  ASSERT_TRUE(segment->failure());
  EXPECT_EQ(segment->failure()->operation, "open");
  EXPECT_EQ(segment->failure()->code, boost::system::errc::permission_denied);
  segment->append(pattern(5000));
  EXPECT_FALSE(loop.run_real(segment->publish()));
  EXPECT_TRUE(files.files().empty());
}

// An FLV file through a volume that refuses at some moment: what was whole before is published and plays.
struct FlvRun {
  test::OutputFile source;
  Bytes whole;
};

FlvRun some_flv() {
  FlvRun run;
  run.source = test::record(test::items("V1@0 A1@0") + test::run_of({.end = 20'000})).files.at(0);
  run.whole = run.source.as_bytes();
  return run;
}

void expect_beginning(const Bytes& file, const FlvRun& run, std::size_t at_least) {
  const test::CollectingSink read = test::record_bytes(file);
  ASSERT_EQ(read.files.size(), 1U);
  EXPECT_EQ(read.findings_text(), "");
  const test::FlvItems got = read.files[0].as_items();
  test::FlvItems expected = run.source.as_items();
  ASSERT_LE(got.size(), expected.size());
  expected.resize(got.size());
  EXPECT_EQ(test::text_of(got), test::text_of(expected));
  EXPECT_GE(file.size(), at_least);
}

TEST_F(SegmentFileTest, PublishesWhatIsWholeWhenTheVolumeIsFull) {
  const FlvRun run = some_flv();
  for (const std::uint64_t capacity : {std::uint64_t{30'000}, std::uint64_t{30'001}, std::uint64_t{77'777}}) {
    test::FaultFileSystem volume;
    volume.set_capacity(capacity);
    SegmentFile segment(disk, volume, "/room", {"", "x"}, "flv", loop.clock.now(), small());
    segment.append(run.whole);
    drain();
    ASSERT_TRUE(segment.failure());
    EXPECT_EQ(segment.failure()->code, boost::system::errc::no_space_on_device);
    EXPECT_EQ(segment.failure()->operation, "write");
    auto result = loop.run_real(segment.publish());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->path, "x.flv");
    EXPECT_EQ(volume.files(), std::vector<std::string>{"/room/x.flv"});
    expect_beginning(volume.content("/room/x.flv"), run, static_cast<std::size_t>(capacity) - 1000);
  }
}

TEST_F(SegmentFileTest, PublishesWhatIsWholeAfterAnIoError) {
  const FlvRun run = some_flv();
  for (const Operation operation : {Operation::write, Operation::sync_data}) {
    test::FaultFileSystem volume;
    volume.fail_next(operation, EIO, operation == Operation::write ? 40 : 3);
    SegmentFile segment(disk, volume, "/room", {"", "x"}, "flv", loop.clock.now(), small());
    segment.append(run.whole);
    drain();
    ASSERT_TRUE(segment.failure());
    ASSERT_TRUE(loop.run_real(segment.publish()));
    expect_beginning(volume.content("/room/x.flv"), run, 10'000);
  }
}

TEST_F(SegmentFileTest, LeavesAPartWhenItCannotBePublished) {
  files.fail_next(Operation::rename, EIO);
  const auto segment = open();
  segment->append(pattern(100));
  const auto result = loop.run_real(segment->publish());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().operation, "publish");
  EXPECT_EQ(files.files(), std::vector<std::string>{"/room/x.flv.part"});
}

// The stream is held back, not the program: append never blocks, and the queue says when to wait.
TEST_F(SegmentFileTest, HoldsBackWhenTheVolumeStalls) {
  std::promise<void> gate;
  const std::shared_future<void> open_gate = gate.get_future().share();
  const auto segment = open(SegmentLimits());
  files.set_hook([open_gate](Operation operation) {
    if (operation == Operation::write) open_gate.wait();
  });
  const Bytes piece = pattern(std::size_t{1} << 20);
  while (disk.has_room()) segment->append(piece);
  EXPECT_LE(disk.queued_bytes(), disk.limit() + piece.size());
  gate.set_value();
  EXPECT_TRUE(loop.run_real(disk.wait_for_room(std::stop_token())));
  ASSERT_TRUE(loop.run_real(segment->publish()));
}

TEST_F(SegmentFileTest, WritesToARealVolume) {
  const test::TempDirectory directory;
  PosixFileSystem posix;
  const FlvRun run = some_flv();
  SegmentFile segment(disk, posix, directory.path(), {"2023", "x"}, "flv", loop.clock.now(), small());
  segment.append(run.whole);
  segment.write_journal("{}");
  segment.tick(after(10'000));
  auto result = loop.run_real(segment.publish());
  ASSERT_TRUE(result);
  const std::string text = read_whole(posix, directory.path() + "/2023/x.flv", run.whole.size()).value();
  EXPECT_TRUE(std::ranges::equal(as_bytes(text), run.whole));
  EXPECT_EQ(posix.list(directory.path() + "/2023").size(), 2U);  // and the journal
}

}  // namespace
}  // namespace live::storage
