// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/directory_lock.hpp"

#include <gtest/gtest.h>

#include "support/fault_filesystem.hpp"
#include "support/temp_directory.hpp"

namespace live::storage {
namespace {

using namespace std::chrono_literals;
using Lock = std::unique_ptr<DirectoryLock>;

DirectoryLock::Outcome acquire(FileSystem& files, const std::string& directory, const LockHolder& self) {
  HeartbeatWatch watch;
  return DirectoryLock::acquire(files, directory, self, watch, TimePoint(1h));
}

void check(FileSystem& files, const std::string& directory) {
  auto first = acquire(files, directory, {"pod-a", 41});
  ASSERT_TRUE(std::holds_alternative<Lock>(first));
  const auto second = acquire(files, directory, {"pod-b", 42});
  ASSERT_TRUE(std::holds_alternative<DirectoryLock::HeldBy>(second));
  EXPECT_EQ(std::get<DirectoryLock::HeldBy>(second).holder, (LockHolder{"pod-a", 41}));
  std::get<Lock>(first).reset();
  const auto third = acquire(files, directory, {"pod-b", 42});
  ASSERT_TRUE(std::holds_alternative<Lock>(third));
  const auto fourth = acquire(files, directory, {"a-much-longer-name-of-a-pod", 4242});
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
  auto first = acquire(files, "/room", {"pod-a", 41});
  files.restart();
  const auto second = acquire(files, "/room", {"pod-b", 42});
  EXPECT_TRUE(std::holds_alternative<Lock>(second));
}

TEST(DirectoryLock, SaysWhenTheVolumeRefuses) {
  test::FaultFileSystem files;
  files.fail_next(test::FaultFileSystem::Operation::open, EROFS);
  EXPECT_THROW((void)acquire(files, "/room", {"pod-a", 41}), system_error);
}

class Heartbeat : public testing::Test {
 protected:
  Heartbeat() { files.set_locks(false); }
  DirectoryLock::Outcome attempt(const LockHolder& self, HeartbeatWatch& watch) {
    return DirectoryLock::acquire(files, "/room", self, watch, now);
  }
  // Claims and confirms.
  Lock take(const LockHolder& self) {
    HeartbeatWatch watch;
    EXPECT_TRUE(std::holds_alternative<DirectoryLock::Claimed>(attempt(self, watch)));
    now += 3s;
    DirectoryLock::Outcome outcome = attempt(self, watch);
    return std::holds_alternative<Lock>(outcome) ? std::get<Lock>(std::move(outcome)) : nullptr;
  }

  test::FaultFileSystem files;
  TimePoint now{1h};
  const LockHolder a{"pod-a", 1, 100};
  const LockHolder b{"pod-b", 1, 200};
};

TEST_F(Heartbeat, StandsInWhereTheVolumeHasNoLocks) {
  const Lock lock = take(a);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->by_heartbeat());
  HeartbeatWatch watch;
  const auto other = attempt(b, watch);
  EXPECT_EQ(std::get<DirectoryLock::HeldBy>(other).holder, a);
}

TEST_F(Heartbeat, IsTakenOverAfterAMinuteWithoutABeat) {
  const Lock lock = take(a);
  HeartbeatWatch watch;
  for (int i = 0; i < 12; ++i) {
    EXPECT_TRUE(std::holds_alternative<DirectoryLock::HeldBy>(attempt(b, watch))) << i;
    now += 10s;
    EXPECT_TRUE(lock->beat());
  }
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(std::holds_alternative<DirectoryLock::HeldBy>(attempt(b, watch))) << i;
    now += 10s;
  }
  EXPECT_TRUE(std::holds_alternative<DirectoryLock::Claimed>(attempt(b, watch)));
  EXPECT_FALSE(lock->beat());  // the stalled holder finds out
  now += 3s;
  EXPECT_TRUE(std::holds_alternative<Lock>(attempt(b, watch)));
}

TEST_F(Heartbeat, OfTwoThatClaimTheLaterOneHasIt) {
  HeartbeatWatch first, second;
  EXPECT_TRUE(std::holds_alternative<DirectoryLock::Claimed>(attempt(a, first)));
  files.remove("/room/.liveroom/heartbeat");  // the other had looked before
  EXPECT_TRUE(std::holds_alternative<DirectoryLock::Claimed>(attempt(b, second)));
  now += 3s;
  EXPECT_TRUE(std::holds_alternative<DirectoryLock::HeldBy>(attempt(a, first)));
  EXPECT_TRUE(std::holds_alternative<Lock>(attempt(b, second)));
}

TEST_F(Heartbeat, OfAnEarlierProcessOfThisNameAndNumberIsTakenOverAtOnce) {
  const Lock lock = take(a);
  HeartbeatWatch watch;
  EXPECT_TRUE(std::holds_alternative<DirectoryLock::Claimed>(attempt({"pod-a", 1, 101}, watch)));
}

TEST_F(Heartbeat, GoesWhenItIsReleased) {
  const Lock lock = take(a);
  lock->release();
  EXPECT_TRUE(take(b));
}

}  // namespace
}  // namespace live::storage
