// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/local_time.hpp"

#include <gtest/gtest.h>

namespace live::storage {
namespace {

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(LocalTime, KnowsZones) {
  EXPECT_TRUE(is_time_zone("Asia/Shanghai"));
  EXPECT_TRUE(is_time_zone("Europe/Berlin"));
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_FALSE(is_time_zone("Asia/Nowhere"));
  EXPECT_FALSE(is_time_zone(""));
  EXPECT_FALSE(is_time_zone("../../etc/passwd"));
}

TEST(LocalTime, ConvertsWithDaylightSaving) {
  const LocalTime shanghai = local_time(at(1'700'000'000), "Asia/Shanghai");  // 2023-11-14T22:13:20Z
  EXPECT_EQ(shanghai.year, 2023);
  EXPECT_EQ(shanghai.month, 11);
  EXPECT_EQ(shanghai.day, 15);
  EXPECT_EQ(shanghai.weekday, 3);
  EXPECT_EQ(shanghai.hour, 6);
  EXPECT_EQ(shanghai.minute, 13);
  EXPECT_EQ(shanghai.second, 20);
  EXPECT_EQ(shanghai.offset_seconds, 8 * 3600);
  EXPECT_EQ(local_time(at(1'700'000'000), "Europe/Berlin").hour, 23);
  EXPECT_EQ(local_time(at(1'690'000'000), "Europe/Berlin").offset_seconds, 2 * 3600);
  EXPECT_EQ(local_time(at(1'700'000'000), "no zone").hour, 22);
}

}  // namespace
}  // namespace live::storage
