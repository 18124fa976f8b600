// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {
using namespace std::chrono_literals;

TEST(Backoff, GrowsToItsCapWithJitterAboveTheWait) {
  Backoff backoff({.min = 1s, .max = 8s, .factor = 2.0, .jitter = 0.5, .reset_after = 60s});
  Random random(1);
  TimePoint now{1h};
  for (const Duration base : {1s, 2s, 4s, 8s, 8s}) {
    const Duration wait = backoff.next(now, random);
    EXPECT_GE(wait, base);
    EXPECT_LE(wait, base * 3 / 2);
    now += wait;
  }
}

TEST(Backoff, StartsOverAfterACalmTime) {
  Backoff backoff({.min = 1s, .max = 64s, .factor = 4.0, .jitter = 0.0, .reset_after = 60s});
  Random random(1);
  EXPECT_EQ(backoff.next(TimePoint(1h), random), 1s);
  EXPECT_EQ(backoff.next(TimePoint(1h + 1s), random), 4s);
  EXPECT_EQ(backoff.next(TimePoint(1h + 200s), random), 1s);
}

TEST(Backoff, JitteredStaysWithinItsShare) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const Duration wait = jittered(5s, 0.2, random);
    EXPECT_GE(wait, 4s);
    EXPECT_LE(wait, 6s);
  }
}

}  // namespace
}  // namespace live
