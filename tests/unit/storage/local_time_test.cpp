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

TEST(LocalTime, FindsTheInstantOfALocalTime) {
  const std::string shanghai = "Asia/Shanghai";
  const LocalTime day = local_time(at(1'700'000'000), shanghai);  // 2023-11-15 06:13:20
  EXPECT_EQ(local_instant(day, 0, 6 * 60 + 13, shanghai, Repeated::first), at(1'700'000'000 - 20));
  EXPECT_EQ(local_instant(day, 0, 24 * 60, shanghai, Repeated::first),
            local_instant(day, 1, 0, shanghai, Repeated::first));
  EXPECT_EQ(local_instant(day, -1, 0, "no zone", Repeated::first), at(1'699'920'000));
}

TEST(LocalTime, KnowsTimesThatComeTwiceOrNever) {
  const std::string berlin = "Europe/Berlin";
  const LocalTime autumn = local_time(at(1'698'500'000), berlin);  // 2023-10-28
  EXPECT_EQ(local_instant(autumn, 1, 150, berlin, Repeated::first), at(1'698'539'400));
  EXPECT_EQ(local_instant(autumn, 1, 150, berlin, Repeated::second), at(1'698'543'000));
  const LocalTime spring = local_time(at(1'679'750'000), berlin);  // 2023-03-25; on the 26th 02:00 is 03:00
  EXPECT_EQ(local_instant(spring, 1, 150, berlin, Repeated::first), at(1'679'792'400));
  EXPECT_EQ(local_instant(spring, 1, 180, berlin, Repeated::first), at(1'679'792'400));
}

}  // namespace
}  // namespace live::storage
