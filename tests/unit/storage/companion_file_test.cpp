// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/companion_file.hpp"

#include <gtest/gtest.h>

#include <future>

#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"

namespace live::storage {
namespace {

using Operation = test::FaultFileSystem::Operation;

class CompanionFileTest : public ::testing::Test {
 protected:
  CompanionFileTest() { files.make_directories("/room"); }
  std::unique_ptr<CompanionFile> open(std::string stem = "x") {
    return std::make_unique<CompanionFile>(
        disk, files, "/room", [stem] { return stem; }, danmaku_xml, "1\n2\n3\n", loop.clock.now());
  }
  void drain() {
    loop.run_until([this] { return disk.queued_jobs() == 0; });
  }
  std::string text(const std::string& path) const {
    return std::string(as_text(files.content("/room/" + path)));
  }
  TimePoint after(Duration time) { return loop.clock.now() + time; }

  test::Loop loop;
  test::FaultFileSystem files;
  DiskThread disk{loop.executor()};
};

TEST_F(CompanionFileTest, HandsOverWhatIsOldOrMuch) {
  const auto file = open();
  EXPECT_TRUE(file->append("a\n"));
  file->tick(after(std::chrono::milliseconds(499)));
  drain();
  EXPECT_EQ(text("x.xml.part"), "1\n2\n3\n");
  EXPECT_EQ(file->waiting_bytes(), 2u);
  file->tick(after(std::chrono::milliseconds(500)));
  drain();
  EXPECT_EQ(text("x.xml.part"), "1\n2\n3\na\n");
  EXPECT_EQ(file->waiting_bytes(), 0u);
  EXPECT_TRUE(file->append(std::string(CompanionFile::buffer_bytes, 'b')));
  drain();
  EXPECT_EQ(file->waiting_bytes(), 0u);
}

TEST_F(CompanionFileTest, IsSyncedEveryFewSeconds) {
  const auto file = open();
  file->append("a\n");
  file->tick(after(std::chrono::seconds(1)));
  file->tick(after(CompanionFile::sync_age + std::chrono::seconds(1)));
  drain();
  files.lose_power();
  EXPECT_FALSE(files.exists("/room/x.xml.part") && text("x.xml.part") != "1\n2\n3\na\n");
}

TEST_F(CompanionFileTest, IsPublishedWithTheVideosName) {
  const auto file = open();
  file->append("a\n");
  EXPECT_EQ(loop.run_real(file->publish("y_2")), "y_2.xml");
  EXPECT_EQ(text("y_2.xml"), "1\n2\n3\na\n</i>\n");
  EXPECT_EQ(file->failure(), "");
}

TEST_F(CompanionFileTest, WhatIsNotPublishedStays) {
  auto file = open();
  file->append("a\n");
  file.reset();
  drain();
  EXPECT_EQ(text("x.xml.part"), "1\n2\n3\na\n");
}

TEST_F(CompanionFileTest, AVolumeThatStallsCostsMessagesNotMemory) {
  std::promise<void> go_on;
  std::shared_future<void> gate = go_on.get_future().share();
  disk.post([gate] { gate.wait(); }, nullptr);
  const auto file = open();
  const std::string line(1000, 'a');
  std::size_t taken = 0;
  while (file->append(line)) ++taken;
  EXPECT_LE(taken * line.size(), CompanionFile::most_waiting);
  EXPECT_GE((taken + 2) * line.size(), CompanionFile::most_waiting);
  EXPECT_FALSE(file->append(line));
  go_on.set_value();
  drain();
  EXPECT_TRUE(file->append(line));
  EXPECT_EQ(file->failure(), "");
}

TEST_F(CompanionFileTest, AfterAFailedWriteTheWholeLinesArePublished) {
  const auto file = open();
  file->append("a\n");
  file->tick(after(std::chrono::seconds(1)));
  drain();
  files.fail_next(Operation::write, EIO);
  file->append("b\n");
  file->tick(after(std::chrono::seconds(2)));
  file->tick(after(std::chrono::seconds(3)));
  drain();
  EXPECT_NE(file->failure(), "");
  EXPECT_FALSE(file->append("c\n"));
  EXPECT_EQ(loop.run_real(file->publish("x")), "x.xml");
  EXPECT_TRUE(text("x.xml").starts_with("1\n2\n3\na\n"));
  EXPECT_TRUE(text("x.xml").ends_with("</i>\n"));
}

TEST_F(CompanionFileTest, WithoutAVideoThereIsNone) {
  const auto file = open("");
  file->append("a\n");
  EXPECT_EQ(loop.run_real(file->publish("x")), "");
  EXPECT_TRUE(files.files().empty());
}

TEST_F(CompanionFileTest, IsDiscardedToTheTrash) {
  const auto file = open();
  file->append("a\n");
  loop.run_real(file->discard());
  EXPECT_EQ(files.files(), std::vector<std::string>{"/room/.liveroom/trash/x.xml.part"});
}

}  // namespace
}  // namespace live::storage
