// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/journal.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

using std::chrono::milliseconds;

// The file's clock and the wall clock run together, whatever the interval; a hole that was closed parts them.
TEST(Journal, NoticesThatTheClocksHaveParted) {
  const WallTime start{};
  Journal journal({}, start);
  EXPECT_FALSE(journal.parted(5000, start));
  journal.clock_point({0, start, std::nullopt});
  EXPECT_FALSE(journal.parted(0, start));
  EXPECT_FALSE(journal.parted(60'000, start + milliseconds(60'400)));
  EXPECT_FALSE(journal.parted(60'000, start + milliseconds(59'100)));
  EXPECT_TRUE(journal.parted(60'000, start + milliseconds(67'000)));
  EXPECT_TRUE(journal.parted(60'000, start + milliseconds(58'000)));
  journal.clock_point({60'000, start + milliseconds(67'000), std::nullopt});
  EXPECT_FALSE(journal.parted(61'000, start + milliseconds(68'000)));
}

}  // namespace
}  // namespace live::recorder
