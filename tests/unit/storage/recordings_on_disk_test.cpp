// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recordings_on_disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/fault_filesystem.hpp"

namespace live::storage {
namespace {

using live::test::FaultFileSystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }
Bytes bytes_of(std::size_t size) { return Bytes(size, 7); }

class RecordingsOnDiskTest : public ::testing::Test {
 protected:
  // The files of a segment with its manifest; 100 bytes of video, 10 of danmaku.
  void put_segment(const std::string& path, const std::string& session, int part, int end) {
    const std::string stem(name_of(path));
    RecordingManifest manifest;
    manifest.session = session;
    manifest.part = part;
    manifest.start = at(end - 10);
    manifest.end = at(end);
    manifest.files = {stem + ".flv", stem + ".xml"};
    Json document = Json::object();
    put_manifest(document, manifest);
    const std::string text = dump_json(document);
    files_.make_directories(std::string(directory_of("/r/" + path)));
    files_.put("/r/" + path + ".flv", bytes_of(100));
    files_.put("/r/" + path + ".xml", bytes_of(10));
    files_.put("/r/" + path + ".json", Bytes(text.begin(), text.end()));
    manifest_size_ = text.size();
  }
  DirectoryContent find() { return find_recordings(files_, "/r"); }

  FaultFileSystem files_;
  std::size_t manifest_size_ = 0;
};

TEST_F(RecordingsOnDiskTest, GathersTheSegmentsOfARecordingWithAllThatBelongsToThem) {
  put_segment("2026/b", "s1", 2, 20);
  put_segment("2026/a", "s1", 1, 10);
  put_segment("c", "s2", 1, 15);
  const DirectoryContent content = find();
  ASSERT_EQ(content.recordings.size(), 2u);
  const RecordingOnDisk& first = content.recordings[0];
  EXPECT_EQ(first.session, "s1");
  EXPECT_EQ(first.end, at(20));
  EXPECT_EQ(first.bytes, 2 * (110 + manifest_size_));
  EXPECT_FALSE(first.open);
  ASSERT_EQ(first.segments.size(), 2u);
  EXPECT_EQ(first.segments[0].stem, "a");
  EXPECT_EQ(first.segments[0].directory, "2026");
  EXPECT_THAT(first.segments[1].files, ElementsAre("b.flv", "b.xml"));
}

TEST_F(RecordingsOnDiskTest, KnowsWhatIsBeingWritten) {
  put_segment("a", "s1", 1, 10);
  files_.put("/r/a.xml.part", bytes_of(5));
  files_.put("/r/b.flv.part", bytes_of(50));
  files_.put("/r/b.part.json", bytes_of(3));
  const DirectoryContent content = find();
  ASSERT_EQ(content.recordings.size(), 1u);
  EXPECT_TRUE(content.recordings[0].open);
  EXPECT_EQ(content.open_bytes, 55u);
}

TEST_F(RecordingsOnDiskTest, LeavesAloneWhatIsNotOurs) {
  files_.put("/r/holiday.flv", bytes_of(100));
  files_.put("/r/notes.json", Bytes{'{', '}'});
  files_.make_directories("/r/.liveroom");
  put_segment(".liveroom/hidden", "s1", 1, 10);
  files_.make_directories("/r/other/.liveroom");
  files_.put("/r/other/.liveroom/lock", bytes_of(1));
  put_segment("other/a", "s2", 1, 10);
  const DirectoryContent content = find();
  EXPECT_THAT(content.recordings, IsEmpty());
  EXPECT_EQ(content.foreign, 1u);
}

TEST_F(RecordingsOnDiskTest, RemovesWhatTheManifestListsAndNothingElse) {
  put_segment("a", "s1", 1, 10);
  put_segment("b", "s1", 2, 20);
  put_segment("c", "s2", 1, 30);
  files_.put("/r/a.txt", bytes_of(1));  // somebody's own
  const DirectoryContent content = find();
  Removed removed;
  remove_recording(files_, "/r", content.recordings[0], removed);
  EXPECT_EQ(removed.files, 6u);
  EXPECT_EQ(removed.bytes, content.recordings[0].bytes);
  EXPECT_THAT(files_.files(), ElementsAre("/r/a.txt", "/r/c.flv", "/r/c.json", "/r/c.xml"));
}

TEST_F(RecordingsOnDiskTest, AnEndInTheMiddleIsMadeGoodByTheNextLook) {
  for (std::uint64_t changes = 1;; ++changes) {
    put_segment("a", "s1", 1, 10);
    const DirectoryContent content = find();
    Removed removed;
    files_.kill_after(files_.changes() + changes);
    bool killed = false;
    try {
      remove_recording(files_, "/r", content.recordings[0], removed);
    } catch (const live::test::Killed&) {
      killed = true;
    }
    files_.restart();
    if (!killed) break;
    const DirectoryContent left = find();
    if (!left.recordings.empty()) remove_recording(files_, "/r", left.recordings[0], removed);
    EXPECT_THAT(files_.files(), IsEmpty()) << changes;
  }
}

TEST_F(RecordingsOnDiskTest, AListedFileThatIsGoneIsNoMatter) {
  put_segment("a", "s1", 1, 10);
  files_.remove("/r/a.xml");
  const DirectoryContent content = find();
  EXPECT_THAT(content.recordings[0].segments[0].files, ElementsAre("a.flv"));
}

}  // namespace
}  // namespace live::storage
