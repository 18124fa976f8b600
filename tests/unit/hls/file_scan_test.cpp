// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/file_scan.hpp"

#include <gtest/gtest.h>

#include "recorder/hls/file_tail.hpp"
#include "recorder/hls/media_segment.hpp"
#include "recorder/hls/repeat_memory.hpp"
#include "stream.hpp"

namespace live::hls {
namespace {

class Memory final : public ByteSource {
 public:
  explicit Memory(const Bytes& bytes) : bytes_(bytes) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count =
        std::min<std::size_t>(to.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    return count;
  }

 private:
  const Bytes& bytes_;
};

FileScan scan(const Bytes& bytes) {
  Memory source(bytes);
  return scan_file(source, bytes.size());
}

Bytes file_of(int segments, std::vector<std::size_t>* ends = nullptr) {
  Bytes file = test::stream_init();
  if (ends != nullptr) ends->push_back(file.size());
  for (int i = 0; i < segments; ++i) {
    const Bytes segment = test::stream_segment({i, static_cast<double>(i), i == 0});
    file.insert(file.end(), segment.begin(), segment.end());
    if (ends != nullptr) ends->push_back(file.size());
  }
  return file;
}

TEST(Mp4FileScan, AWholeFile) {
  const Bytes file = file_of(3);
  const FileScan found = scan(file);
  EXPECT_TRUE(found.is_mp4);
  EXPECT_EQ(found.whole_size, file.size());
  EXPECT_EQ(found.fragments, 3u);
  EXPECT_EQ(found.last_ms, 3000);
  EXPECT_EQ(found.hole_bytes, 0u);
  EXPECT_EQ(found.ranges.size(), 1u);
}

TEST(Mp4FileScan, ACutAnywhereKeepsTheWholeFragments) {
  std::vector<std::size_t> ends;
  const Bytes file = file_of(3, &ends);
  for (std::size_t size = 0; size <= file.size(); size += 7) {
    Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    const FileScan found = scan(cut);
    std::size_t whole = 0;
    for (const std::size_t end : ends)
      if (end <= size) whole = end;
    EXPECT_EQ(found.whole_size, whole) << size;
    EXPECT_EQ(found.is_mp4, size >= ends[0]) << size;
  }
}

TEST(Mp4FileScan, AHoleOfZerosIsPassedOver) {
  std::vector<std::size_t> ends;
  Bytes file = file_of(4, &ends);
  std::fill(file.begin() + static_cast<std::ptrdiff_t>(ends[1]) - 10,
            file.begin() + static_cast<std::ptrdiff_t>(ends[1]) + 300, std::uint8_t{0});
  const FileScan found = scan(file);
  EXPECT_EQ(found.fragments, 3u);
  EXPECT_EQ(found.whole_size, file.size());
  EXPECT_EQ(found.hole_bytes, ends[2] - ends[1]);
  ASSERT_EQ(found.ranges.size(), 2u);
  EXPECT_EQ(found.ranges[0].end, ends[1]);
  EXPECT_EQ(found.ranges[1].begin, ends[2]);
}

TEST(Mp4FileScan, ZerosAtTheEndAndOtherFiles) {
  std::vector<std::size_t> ends;
  Bytes file = file_of(2, &ends);
  file.resize(file.size() + 4096);
  EXPECT_EQ(scan(file).whole_size, ends.back());
  EXPECT_EQ(scan(file).hole_bytes, 0u);
  const std::string text = "FLV, or anything else that is no MP4";
  EXPECT_FALSE(scan(Bytes(text.begin(), text.end())).is_mp4);
  EXPECT_FALSE(scan(Bytes(5000)).is_mp4);
}

// The hashes are those of the segments as they came, whatever was done to their boxes since.
TEST(Mp4FileTail, IsWhatWasWrittenLast) {
  const Bytes file = file_of(remembered_fragments + 3);
  Memory source(file);
  const FileTail tail = read_tail(source, file.size());
  ASSERT_EQ(tail.hashes.size(), remembered_fragments);
  EXPECT_EQ(tail.last_ms, static_cast<std::int64_t>(remembered_fragments + 3) * 1000);
  const auto init = test::parsed_init(test::stream_init());
  for (std::size_t i = 0; i < tail.hashes.size(); ++i) {
    const Bytes segment = test::stream_segment({static_cast<int>(i) + 3, 500.0 + static_cast<double>(i)});
    const MediaSegment parsed = parse_segment(segment, *init).value();
    EXPECT_EQ(tail.hashes[i], RepeatMemory::hash_of(segment, parsed.fragments.front())) << i;
  }
  EXPECT_TRUE(read_tail(source, 10).hashes.empty());
}

}  // namespace
}  // namespace live::hls
