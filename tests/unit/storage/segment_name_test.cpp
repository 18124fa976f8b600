// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/segment_name.hpp"

#include <gtest/gtest.h>

#include "support/fault_filesystem.hpp"

namespace live::storage {
namespace {

TEST(SegmentName, NumbersWhatIsTaken) {
  test::FaultFileSystem files;
  const FileName name{"a/b", "title"};
  EXPECT_EQ(open_new_segment(files, "/room", name, "flv").stem, "a/b/title");
  EXPECT_TRUE(files.exists("/room/a/b/title.flv.part"));
  EXPECT_EQ(open_new_segment(files, "/room", name, "flv").stem, "a/b/title_2");
  // What belongs to another segment keeps its stem, whatever it is.
  for (const char* taken : {"title_3.xml", "title_4.danmaku.jsonl", "title_5.part.json", "title_6.mp4.part"})
    files.put(std::string("/room/a/b/") + taken, {});
  EXPECT_EQ(open_new_segment(files, "/room", name, "flv").stem, "a/b/title_7");
  EXPECT_EQ(open_new_segment(files, "/room", {"a/b", "title_1"}, "flv").stem, "a/b/title_1");
  EXPECT_EQ(open_new_segment(files, "/room", {"", "title"}, "mp4").stem, "title");
}

TEST(SegmentName, EndsAtSomeNumber) {
  test::FaultFileSystem files;
  files.put("/room/x.flv", {});
  for (int i = 2; i <= most_numbered_stems; ++i) files.put("/room/" + numbered_stem("x", i) + ".flv", {});
  EXPECT_THROW((void)open_new_segment(files, "/room", {"", "x"}, "flv"), system_error);
}

TEST(SegmentName, PublishesWithoutOverwriting) {
  test::FaultFileSystem files;
  files.put("/room/a/x.flv.part", Bytes{1});
  files.put("/room/a/x.part.json", Bytes{2});
  files.put("/room/a/x.flv", Bytes{3});
  EXPECT_EQ(publish_part(files, "/room", "a/x.flv.part"), "a/x_2.flv");
  EXPECT_EQ(files.content("/room/a/x.flv"), Bytes{3});
  EXPECT_EQ(files.content("/room/a/x_2.flv"), Bytes{1});
  EXPECT_FALSE(files.exists("/room/a/x.part.json"));
  EXPECT_EQ(files.content("/room/a/x_2.part.json"), Bytes{2});
  files.lose_power();
  EXPECT_TRUE(files.exists("/room/a/x_2.flv"));
}

TEST(SegmentName, AJournalNeverLiesBesideAnotherVideo) {
  test::FaultFileSystem files;
  files.put("/room/x.flv.part", Bytes{1});
  files.put("/room/x.part.json", Bytes{2});
  files.put("/room/x.flv", Bytes{3});
  files.put("/room/x_2.part.json", Bytes{4});  // of one that is being written
  EXPECT_EQ(publish_part(files, "/room", "x.flv.part"), "x_3.flv");
  EXPECT_EQ(files.content("/room/x_2.part.json"), Bytes{4});
  EXPECT_EQ(files.content("/room/x_3.part.json"), Bytes{2});
}

TEST(SegmentName, TheJournalGoesWhenTheVideoIsDescribed) {
  test::FaultFileSystem files;
  files.put("/room/x.flv.part", Bytes{1});
  files.put("/room/x.part.json", Bytes{2});
  publish_part(files, "/room", "x.flv.part");
  describe(files, "/room", "x", "{}");
  EXPECT_EQ(files.files(), (std::vector<std::string>{"/room/x.flv", "/room/x.json"}));
}

TEST(SegmentName, MovesToTheTrash) {
  test::FaultFileSystem files;
  for (int i = 0; i < 2; ++i) {
    files.put("/room/a/x.flv.part", Bytes{1});
    files.put("/room/a/x.part.json", Bytes{2});
    EXPECT_EQ(move_to_trash(files, "/room", "a/x.flv.part"),
              i == 0 ? ".liveroom/trash/x.flv.part" : ".liveroom/trash/x.flv.part.2");
    EXPECT_FALSE(files.exists("/room/a/x.part.json"));
  }
}

TEST(SegmentName, TakesPathsApart) {
  const PartName part = split_part_path("a.b/c.d.flv.part");
  EXPECT_EQ(part.stem, "a.b/c.d");
  EXPECT_EQ(part.extension, "flv");
  EXPECT_EQ(split_part_path("a.flv").stem, "");
  EXPECT_EQ(split_part_path("a.b/flv.part").stem, "");
}

}  // namespace
}  // namespace live::storage
