// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/buffered_file.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/temp_directory.hpp"

namespace live::storage {
namespace {

// Whatever the order of appends, patches and cuts: the file is what they say.
TEST(BufferedFile, IsWhatWasDoneToIt) {
  test::TempDirectory directory;
  PosixFileSystem files;
  std::mt19937 random(3);
  const std::string path = directory.path() + "/file";
  const std::unique_ptr<File> file = files.open(path, OpenMode::create_new);
  BufferedFile buffered(*file);
  Bytes expected;
  for (int round = 0; round < 200; ++round) {
    Bytes more(random() % 30'000);
    for (std::uint8_t& byte : more) byte = static_cast<std::uint8_t>(random());
    buffered.append(more);
    expected.insert(expected.end(), more.begin(), more.end());
    if (round % 3 == 0 && expected.size() > 1000) {
      const std::size_t at = random() % (expected.size() - 1000);
      const Bytes over(1000, static_cast<std::uint8_t>(round));
      buffered.patch(at, over);
      std::copy(over.begin(), over.end(), expected.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (round % 40 == 39) {
      const std::size_t back = round % 80 == 79 ? 700'000 : 1000;
      expected.resize(expected.size() - std::min(expected.size(), back));
      buffered.truncate(expected.size());
    }
  }
  buffered.flush();
  EXPECT_EQ(file->size(), expected.size());
  Bytes content(expected.size() + 1);
  content.resize(file->read_at(0, content));
  EXPECT_EQ(content, expected);
}

}  // namespace
}  // namespace live::storage
