// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/trash.hpp"

#include <gtest/gtest.h>

#include "support/fault_filesystem.hpp"

namespace live::storage {
namespace {

using namespace std::chrono_literals;

TEST(Trash, LosesWhatIsOlderThanAWeek) {
  test::FaultFileSystem files;
  const WallTime now = WallTime() + 10'000h;
  files.set_time(now - trash_age - 1h);
  files.put("/room/.liveroom/trash/old.flv.part", Bytes(100));
  files.set_time(now - trash_age + 1h);
  files.put("/room/.liveroom/trash/new.flv.part", Bytes(100));
  const EmptiedTrash gone = limit_trash(files, "/room", now);
  EXPECT_EQ(gone.files, 1U);
  EXPECT_EQ(gone.bytes, 100U);
  EXPECT_FALSE(files.exists("/room/.liveroom/trash/old.flv.part"));
  EXPECT_TRUE(files.exists("/room/.liveroom/trash/new.flv.part"));
  EXPECT_EQ(limit_trash(files, "/room", now).files, 0U);
}

TEST(Trash, OfTooMuchTheOldestGoes) {
  test::FaultFileSystem files;
  const WallTime now = WallTime() + 10'000h;
  for (int i = 0; i < 3; ++i) {
    files.set_time(now - 3h + i * 1h);
    files.put("/room/.liveroom/trash/" + std::to_string(i), Bytes(100));
  }
  EXPECT_EQ(limit_trash(files, "/room", now, 250).files, 1U);
  EXPECT_FALSE(files.exists("/room/.liveroom/trash/0"));
}

TEST(Trash, ThereMayBeNone) {
  test::FaultFileSystem files;
  EXPECT_EQ(limit_trash(files, "/nowhere", WallTime()).files, 0U);
}

}  // namespace
}  // namespace live::storage
