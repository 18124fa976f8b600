// SPDX-License-Identifier: Apache-2.0
#include "base/directory_watch.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/loop.hpp"

namespace live {
namespace {

TEST(DirectoryWatch, SeesTheSwapOfAnAtomicWriter) {
  const std::filesystem::path directory = std::filesystem::path(::testing::TempDir()) / "directory_watch";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory / "..1");
  std::filesystem::create_directories(directory / "..2");
  std::filesystem::create_directory_symlink("..1", directory / "..data");
  test::Loop loop;
  DirectoryWatch watch(loop.executor(), directory.string());
  std::filesystem::create_directory_symlink("..2", directory / "..data_tmp");
  std::filesystem::rename(directory / "..data_tmp", directory / "..data");
  EXPECT_TRUE(loop.run_real(watch.changed(std::stop_token())));
}

TEST(DirectoryWatch, EndsWhenStoppedAndRefusesWhatIsNotThere) {
  test::Loop loop;
  DirectoryWatch watch(loop.executor(), ::testing::TempDir());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(loop.run_real(watch.changed(stop.get_token())));
  EXPECT_THROW(DirectoryWatch(loop.executor(), "/nonexistent"), system_error);
}

}  // namespace
}  // namespace live
