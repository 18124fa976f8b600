// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/file_scan.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(std::move(bytes)) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), bytes_.size() - offset);
    std::memcpy(to.data(), bytes_.data() + offset, count);
    return count;
  }

 private:
  Bytes bytes_;
};

FileScan scan(const Bytes& bytes) {
  MemorySource source(bytes);
  return scan_file(source);
}

Bytes whole_file() {
  return test::record(items("M1@0 V1@0 A1@0") + test::run_of({.end = 4000})).files.at(0).as_bytes();
}

TEST(FileScan, FindsNothingWrongInAWholeFile) {
  const Bytes bytes = whole_file();
  const FileScan result = scan(bytes);
  EXPECT_TRUE(result.is_flv);
  EXPECT_EQ(result.whole_size, bytes.size());
  EXPECT_EQ(result.hole_bytes, 0U);
  EXPECT_EQ(result.media_tags, 300U);
  EXPECT_EQ(result.last_ms, 3980);
  ASSERT_TRUE(result.index);
  EXPECT_EQ(result.index->entries().size(), 11U);
}

// Patching what is right already changes nothing: the scan sees what the writer saw.
TEST(FileScan, PatchesAWholeFileToItself) {
  const Bytes bytes = whole_file();
  test::MemoryBytes copy;
  copy.bytes = bytes;
  patch_file(copy, scan(bytes));
  EXPECT_EQ(copy.bytes, bytes);
}

TEST(FileScan, FindsTheLastWholeTag) {
  const Bytes bytes = whole_file();
  const FileScan whole = scan(bytes);
  std::uint64_t last = 0;
  for (std::size_t size = 0; size <= bytes.size(); size += 37) {
    const FileScan result = scan(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_LE(result.whole_size, size);
    EXPECT_GE(result.whole_size, last);
    EXPECT_EQ(result.hole_bytes, 0U);
    last = result.whole_size;
    // Cutting there gives a file without a fault.
    const FileScan cut =
        scan(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(result.whole_size)));
    EXPECT_EQ(cut.whole_size, result.whole_size);
    EXPECT_EQ(cut.media_tags, result.media_tags);
  }
  EXPECT_EQ(whole.whole_size, bytes.size());
}

TEST(FileScan, FindsHolesAndZeroTails) {
  Bytes bytes = whole_file();
  std::fill(bytes.end() - 5000, bytes.end() - 1000, std::uint8_t{0});
  const FileScan hole = scan(bytes);
  EXPECT_EQ(hole.whole_size, bytes.size());
  EXPECT_GE(hole.hole_bytes, 4000U);
  bytes = whole_file();
  const std::size_t size = bytes.size();
  bytes.resize(size + 4096, 0);
  const FileScan tail = scan(bytes);
  EXPECT_EQ(tail.whole_size, size);
  EXPECT_EQ(tail.hole_bytes, 0U);
  EXPECT_EQ(tail.size, size + 4096);
}

TEST(FileScan, KnowsOtherFiles) {
  EXPECT_FALSE(scan({}).is_flv);
  EXPECT_FALSE(scan(Bytes(1000, 0)).is_flv);
  EXPECT_EQ(scan(Bytes(1000, 0)).whole_size, 0U);
  const FileScan foreign = scan(test::flv_bytes(items("V1@0 K1@0 P2@40")));
  EXPECT_TRUE(foreign.is_flv);
  EXPECT_FALSE(foreign.places);
  EXPECT_EQ(foreign.media_tags, 2U);
}

}  // namespace
}  // namespace live::flv
