// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/directory_lock.hpp"

#include <gtest/gtest.h>

#include "support/fault_filesystem.hpp"
#include "support/temp_directory.hpp"

namespace live::storage {
namespace {

using Lock = std::unique_ptr<DirectoryLock>;

void check(FileSystem& files, const std::string& directory) {
  auto first = DirectoryLock::acquire(files, directory, {"pod-a", 41});
  ASSERT_TRUE(std::holds_alternative<Lock>(first));
  const auto second = DirectoryLock::acquire(files, directory, {"pod-b", 42});
  ASSERT_TRUE(std::holds_alternative<DirectoryLock::HeldBy>(second));
  EXPECT_EQ(std::get<DirectoryLock::HeldBy>(second).holder, (LockHolder{"pod-a", 41}));
  std::get<Lock>(first).reset();
  const auto third = DirectoryLock::acquire(files, directory, {"pod-b", 42});
  ASSERT_TRUE(std::holds_alternative<Lock>(third));
  const auto fourth = DirectoryLock::acquire(files, directory, {"a-much-longer-name-of-a-pod", 4242});
  EXPECT_EQ(std::get<DirectoryLock::HeldBy>(fourth).holder, (LockHolder{"pod-b", 42}));
}

TEST(DirectoryLock, IsHeldByOne) {
  const test::TempDirectory directory;
  PosixFileSystem posix;
  check(posix, directory.path() + "/room");
  test::FaultFileSystem memory;
  check(memory, "/volume/room");
}

TEST(DirectoryLock, GoesWithItsProcess) {
  test::FaultFileSystem files;
  auto first = DirectoryLock::acquire(files, "/room", {"pod-a", 41});
  files.restart();
  const auto second = DirectoryLock::acquire(files, "/room", {"pod-b", 42});
  EXPECT_TRUE(std::holds_alternative<Lock>(second));
}

TEST(DirectoryLock, SaysWhenTheVolumeRefuses) {
  test::FaultFileSystem files;
  files.fail_next(test::FaultFileSystem::Operation::open, EROFS);
  EXPECT_THROW((void)DirectoryLock::acquire(files, "/room", {"pod-a", 41}), system_error);
}

}  // namespace
}  // namespace live::storage
