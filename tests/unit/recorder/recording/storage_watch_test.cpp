// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/storage_watch.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <future>

#include "liveroom/names.hpp"
#include "support/fault_filesystem.hpp"
#include "support/loop.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;
using Operation = test::FaultFileSystem::Operation;
namespace reason = liveroom::reason;

class StorageWatchTest : public ::testing::Test {
 protected:
  // Each second of so many, and what the looks at the volume bring.
  void pass(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      loop_.clock.set(loop_.clock.now() + 1s);
      watch_.tick(0);
      loop_.run_until([this] { return disk_.queued_jobs() == 0; });
      loop_.poll();
    }
    watch_.tick(0);
  }
  std::string why() const { return watch_.problem() ? std::string(watch_.problem()->reason) : ""; }

  test::Loop loop_;
  test::FaultFileSystem files_;
  storage::DiskThread disk_{loop_.executor()};
  StorageWatch watch_{RecordingStorage{disk_, files_, "/room", ""}, loop_.clock};
};

TEST_F(StorageWatchTest, SaysThatTheVolumeIsNearlyFullAndThatThereIsRoomAgain) {
  EXPECT_FALSE(watch_.free_bytes());
  pass(1);
  EXPECT_EQ(why(), "");
  files_.set_capacity(storage::DiskGate::least_free - 1);
  pass(11);
  EXPECT_EQ(why(), reason::disk_full);
  EXPECT_EQ(watch_.free_bytes(), storage::DiskGate::least_free - 1);
  files_.set_capacity(storage::DiskGate::least_free + 1'000'000);
  pass(11);
  EXPECT_EQ(why(), reason::disk_full);
  files_.set_capacity(3 * storage::DiskGate::least_free);
  pass(11);
  EXPECT_EQ(why(), "");
}

TEST_F(StorageWatchTest, AfterAFailedWriteOnlyATrialWriteCounts) {
  pass(1);
  watch_.failed({error_code(EIO, boost::system::system_category()), "write"});
  EXPECT_EQ(why(), reason::write_failed);
  files_.fail_next(Operation::write, EIO);
  pass(11);
  EXPECT_EQ(why(), reason::write_failed);
  EXPECT_EQ(watch_.problem()->message.substr(0, 6), "trial:");
  pass(11);
  EXPECT_EQ(why(), "");
  EXPECT_FALSE(files_.exists("/room/.liveroom/trial"));
}

TEST_F(StorageWatchTest, AFullVolumeIsNotOpenForWantOfAByte) {
  pass(1);
  watch_.failed({error_code(ENOSPC, boost::system::system_category()), "write"});
  EXPECT_EQ(why(), reason::disk_full);
  files_.set_capacity(storage::DiskGate::least_free * 2);
  pass(11);
  EXPECT_EQ(why(), reason::disk_full);
  files_.set_capacity(storage::DiskGate::least_free * 2 + 1);
  pass(11);
  EXPECT_EQ(why(), "");
}

TEST_F(StorageWatchTest, ASilentVolumeIsSaidAndAnswersAgain) {
  std::promise<void> answer;
  std::shared_future<void> answered = answer.get_future().share();
  files_.set_hook([answered](Operation) { answered.wait(); });
  StorageWatch watch(RecordingStorage{disk_, files_, "/room", ""}, loop_.clock, 1ms);
  watch.tick(0);
  loop_.run_until([&] {
    watch.tick(0);
    return watch.problem().has_value();
  });
  EXPECT_TRUE(watch.problem()->stalled);
  EXPECT_EQ(watch.problem()->reason, reason::write_failed);
  answer.set_value();
  loop_.run_until([&] {
    watch.tick(0);
    return !watch.problem();
  });
}

TEST_F(StorageWatchTest, AReadOnlyVolumeIsFoundOutByTheLook) {
  files_.fail_next(Operation::other, EROFS);
  pass(1);
  EXPECT_EQ(why(), reason::write_failed);
}

}  // namespace
}  // namespace live::recorder
