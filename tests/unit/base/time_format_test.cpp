// SPDX-License-Identifier: Apache-2.0
#include "base/time_format.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {

TEST(TimeFormat, WritesAndReadsRfc3339) {
  const WallTime time(std::chrono::microseconds(1'700'000'000'000'012));
  EXPECT_EQ(format_rfc3339(time), "2023-11-14T22:13:20Z");
  EXPECT_EQ(format_rfc3339_micro(time), "2023-11-14T22:13:20.000012Z");
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20.000012Z"), time);
  EXPECT_EQ(parse_rfc3339("2023-11-15T06:13:20.000012+08:00"), time);
}

TEST(TimeFormat, ReadsEachFormOfAMomentAlike) {
  for (const char* text : {"2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z", "2024-03-01T07:59:59+08:00"}) {
    EXPECT_EQ(parse_rfc3339(text), WallTime(std::chrono::seconds(1'709'251'199))) << text;
  }
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), WallTime{});
}

TEST(TimeFormat, RefusesOtherText) {
  for (const char* text :
       {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20Zx", "0000-00-00 00:00:00",
        "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-11-31T00:00:00Z",
        "2023-11-14T24:00:00Z", "2023-11-14T22:60:20Z", "2023-11-1aT22:13:20Z", "2023-11-14T-1:13:20Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace live
