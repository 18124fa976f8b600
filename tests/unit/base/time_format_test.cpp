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

TEST(TimeFormat, RefusesOtherText) {
  for (const char* text :
       {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20Zx", "0000-00-00 00:00:00"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace live
