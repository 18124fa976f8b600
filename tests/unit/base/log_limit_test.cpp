// SPDX-License-Identifier: Apache-2.0
#include "base/log_limit.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {
using namespace std::chrono_literals;

TEST(LogLimit, ABurstPassesThenOneAtEachIntervalThatSaysWhatWasLeftOut) {
  LogLimit limit(3, 10s);
  const TimePoint begin{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.admit(begin), 0u);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limit.admit(begin + 1ms * i));
  EXPECT_EQ(limit.admit(begin + 10s), 100u);
  EXPECT_FALSE(limit.admit(begin + 19s));
  EXPECT_EQ(limit.admit(begin + 20s), 1u);
  // After a quiet time a burst passes again, and no more than that.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.admit(begin + 1h), 0u);
  EXPECT_FALSE(limit.admit(begin + 1h));
}

}  // namespace
}  // namespace live
