// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/show.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

std::optional<WallTime> at(int seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

TEST(ShowTest, ComparesByKeyElseByStart) {
  EXPECT_TRUE(same_show({"a", at(0)}, {"a", at(900)}));
  EXPECT_FALSE(same_show({"a", at(0)}, {"b", at(0)}));
  EXPECT_TRUE(same_show({"a", at(0)}, {"", at(0)}));
  EXPECT_TRUE(same_show({"", at(0)}, {"", at(-4)}));
  EXPECT_FALSE(same_show({"", at(0)}, {"", at(60)}));
  EXPECT_FALSE(same_show({"a", {}}, {"", at(0)}));
  EXPECT_FALSE(same_show({}, {}));
}

TEST(ShowTest, CallsDifferentOnlyWhatCanBeCompared) {
  EXPECT_TRUE(different_show({"a", {}}, {"b", {}}));
  EXPECT_TRUE(different_show({"", at(0)}, {"b", at(60)}));
  EXPECT_FALSE(different_show({"a", at(0)}, {"a", at(60)}));
  EXPECT_FALSE(different_show({"a", {}}, {"", at(0)}));
  EXPECT_FALSE(different_show({}, {"a", at(0)}));
}

TEST(ShowTest, MergesWhatIsMissing) {
  EXPECT_EQ(merged_show({"", at(0)}, {"a", at(60)}), (Show{"a", at(0)}));
  EXPECT_EQ(merged_show({"a", {}}, {"b", at(60)}), (Show{"a", at(60)}));
}

}  // namespace
}  // namespace live::bilibili
