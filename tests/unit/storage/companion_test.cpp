// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/companion.hpp"

#include <gtest/gtest.h>

#include "support/fault_filesystem.hpp"

namespace live::storage {
namespace {

using Operation = test::FaultFileSystem::Operation;
using Paths = std::vector<std::string>;

constexpr std::string_view head = "<?xml?>\n<?style?>\n<i>\n";

Bytes bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return Bytes(view.begin(), view.end());
}

class CompanionTest : public ::testing::Test {
 protected:
  CompanionTest() { files.make_directories("/room"); }
  void put(const std::string& path, std::string_view text) { files.put("/room/" + path, bytes(text)); }
  std::string text(const std::string& path) const {
    return std::string(as_text(files.content("/room/" + path)));
  }
  WholeLines scan(std::string_view content, const CompanionKind& kind = danmaku_xml) {
    put("scanned", content);
    const std::unique_ptr<File> file = files.open("/room/scanned", OpenMode::read_only);
    return scan_lines(*file, kind);
  }

  test::FaultFileSystem files;
};

TEST_F(CompanionTest, FindsTheEndOfTheLastWholeLine) {
  EXPECT_EQ(scan("").size, 0u);
  EXPECT_EQ(scan("ab").size, 0u);
  EXPECT_EQ(scan("ab\n").size, 3u);
  EXPECT_EQ(scan("ab\nc").size, 3u);
  EXPECT_EQ(scan("ab\nc").lines, 1u);
  EXPECT_EQ(scan("ab\n\nc\n").lines, 3u);
}

TEST_F(CompanionTest, BelievesNothingBehindAZeroByte) {
  EXPECT_EQ(scan(std::string_view("ab\nc\0d\ne\n", 9)).size, 3u);
  EXPECT_EQ(scan(std::string_view("\0ab\n", 4)).lines, 0u);
}

TEST_F(CompanionTest, DoesNotCountTheEndLine) {
  EXPECT_EQ(scan("ab\n</i>\n").size, 3u);
  EXPECT_EQ(scan("ab\n</i>\n").lines, 1u);
  EXPECT_EQ(scan("ab\n</i>").size, 3u);
  EXPECT_EQ(scan("ab\n</i>x\n").lines, 2u);
  EXPECT_EQ(scan("ab\n</i>\n", danmaku_lines).lines, 2u);
}

TEST_F(CompanionTest, ScansFilesLargerThanItsBuffer) {
  std::string large;
  while (large.size() < 1'000'000) large += "a line of some length\n";
  const std::size_t whole = large.size();
  large += "half";
  EXPECT_EQ(scan(large).size, whole);
}

TEST_F(CompanionTest, ANewOneBeginsWithItsHead) {
  { open_companion(files, "/room", "x", danmaku_xml, head)->write(bytes("<d/>\n")); }
  EXPECT_EQ(text("x.xml.part"), std::string(head) + "<d/>\n");
}

TEST_F(CompanionTest, OneThatIsThereGoesOnBehindItsLastWholeLine) {
  put("x.xml.part", std::string(head) + "<d/>\n<d p=");
  { open_companion(files, "/room", "x", danmaku_xml, head)->write(bytes("<e/>\n")); }
  EXPECT_EQ(text("x.xml.part"), std::string(head) + "<d/>\n<e/>\n");
  put("y.xml.part", std::string(head) + "<d/>\n</i>\n");
  { open_companion(files, "/room", "y", danmaku_xml, head)->write(bytes("<e/>\n")); }
  EXPECT_EQ(text("y.xml.part"), std::string(head) + "<d/>\n<e/>\n");
  put("z.xml.part", "<?xml?>\n<?sty");
  { open_companion(files, "/room", "z", danmaku_xml, head)->write(bytes("<e/>\n")); }
  EXPECT_EQ(text("z.xml.part"), std::string(head) + "<e/>\n");
}

TEST_F(CompanionTest, RecoveredOnesAreWholeAndHaveTheVideosName) {
  put("a/x.xml.part", std::string(head) + "<d/>\n<d p=\"1");
  put("a/x.danmaku.jsonl.part", "{}\n{\"half");
  EXPECT_EQ(recover_companions(files, "/room", "a/x", "a/x_2"), (Paths{"a/x_2.xml", "a/x_2.danmaku.jsonl"}));
  EXPECT_EQ(text("a/x_2.xml"), std::string(head) + "<d/>\n</i>\n");
  EXPECT_EQ(text("a/x_2.danmaku.jsonl"), "{}\n");
  EXPECT_EQ(files.files(), (Paths{"/room/a/x_2.danmaku.jsonl", "/room/a/x_2.xml"}));
  files.lose_power();
  EXPECT_EQ(text("a/x_2.xml"), std::string(head) + "<d/>\n</i>\n");
}

TEST_F(CompanionTest, NothingIsOverwrittenAndNothingWholeIsLost) {
  put("x.xml.part", head);
  put("x.xml", "other");
  EXPECT_EQ(recover_companions(files, "/room", "x", "x"), Paths{"x_2.xml"});
  EXPECT_EQ(text("x.xml"), "other");
  EXPECT_EQ(recover_companions(files, "/room", "x", "x"), Paths{});  // nothing left to do
}

TEST_F(CompanionTest, WithoutAWholeHeadItIsForTheTrash) {
  put("x.xml.part", "<?xml?>\n<?st");
  put("x.danmaku.jsonl.part", "{\"half");
  EXPECT_EQ(recover_companions(files, "/room", "x", "x"), Paths{});
  EXPECT_EQ(files.files(),
            (Paths{"/room/.liveroom/trash/x.danmaku.jsonl.part", "/room/.liveroom/trash/x.xml.part"}));
}

TEST_F(CompanionTest, WhatFailsStaysForTheNextStart) {
  put("x.xml.part", std::string(head) + "<d/>\n");
  files.fail_next(Operation::sync_data, EIO);
  EXPECT_EQ(recover_companions(files, "/room", "x", "x"), Paths{});
  EXPECT_EQ(recover_companions(files, "/room", "x", "x"), Paths{"x.xml"});
  EXPECT_EQ(text("x.xml"), std::string(head) + "<d/>\n</i>\n");
}

TEST_F(CompanionTest, ADiscardedVideosCompanionsGoWithIt) {
  put("x.xml.part", head);
  put("y.xml.part", head);
  discard_companions(files, "/room", "x");
  EXPECT_EQ(files.files(), (Paths{"/room/.liveroom/trash/x.xml.part", "/room/y.xml.part"}));
}

TEST_F(CompanionTest, FindsThoseWhoseVideoIsPublished) {
  put("a/x.xml.part", head);
  put("a/x.danmaku.jsonl.part", "{}\n");
  put("a/x.flv", "video");
  put("a/y.xml.part", head);
  put("a/y.flv.part", "video");
  put("z.xml.part", head);
  put(".liveroom/trash/t.xml.part", head);
  EXPECT_EQ(find_lone_companions(files, "/room"), (Paths{"a/x", "z"}));
}

TEST_F(CompanionTest, AKillAtAnyOperationLeavesAWholeDocument) {
  for (std::uint64_t kill = 1;; ++kill) {
    SCOPED_TRACE(kill);
    test::FaultFileSystem volume;
    volume.make_directories("/room");
    const std::uint64_t before = volume.changes();
    volume.kill_after(before + kill);
    bool killed = false;
    try {
      auto file = open_companion(volume, "/room", "x", danmaku_xml, head);
      for (int i = 0; i < 5; ++i) file->write(bytes("<d>text</d>\n"));
      finish_companion(volume, "/room", "x", "x", danmaku_xml, std::move(file));
    } catch (const test::Killed&) {
      killed = true;
    }
    volume.restart();
    recover_companions(volume, "/room", "x", "x");
    if (volume.exists("/room/x.xml")) {
      const std::string whole(as_text(volume.content("/room/x.xml")));
      EXPECT_TRUE(whole.starts_with(head));
      EXPECT_TRUE(whole.ends_with(">\n</i>\n"));
      EXPECT_EQ(whole.find("</i>"), whole.size() - 5);
    } else {
      EXPECT_FALSE(volume.exists("/room/x.xml.part"));
    }
    if (!killed) break;
  }
}

}  // namespace
}  // namespace live::storage
