// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/retention_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"

namespace live::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

KeptRecording kept(std::int64_t end, std::uint64_t bytes, bool finished = true) {
  return KeptRecording{at(end), bytes, finished};
}

RetentionState state_of(std::vector<KeptRecording> recordings) {
  RetentionState state;
  state.now = at(1000);
  state.recordings = std::move(recordings);
  return state;
}

RetentionLimits by_age(std::int64_t seconds) {
  RetentionLimits limits;
  limits.max_age = std::chrono::seconds(seconds);
  return limits;
}
RetentionLimits by_size(std::uint64_t bytes) {
  RetentionLimits limits;
  limits.max_size = bytes;
  return limits;
}
RetentionLimits by_free(std::uint64_t bytes) {
  RetentionLimits limits;
  limits.min_free = bytes;
  return limits;
}

TEST(RetentionPlan, WithoutLimitsNothingGoes) {
  EXPECT_THAT(plan_retention(state_of({kept(0, 10), kept(1, 10)}), {}).remove, IsEmpty());
}

TEST(RetentionPlan, ByAgeTheOldOnesGo) {
  const RetentionState state = state_of({kept(950, 1), kept(100, 1), kept(499, 1), kept(500, 1)});
  EXPECT_THAT(plan_retention(state, by_age(500)).remove, ElementsAre(1, 2));
}

TEST(RetentionPlan, BySizeTheOldestGoUntilTheRestFits) {
  const RetentionState state = state_of({kept(3, 100), kept(1, 100), kept(2, 100)});
  EXPECT_THAT(plan_retention(state, by_size(300)).remove, IsEmpty());
  EXPECT_THAT(plan_retention(state, by_size(299)).remove, ElementsAre(1));
  EXPECT_THAT(plan_retention(state, by_size(199)).remove, ElementsAre(1, 2));
  EXPECT_THAT(plan_retention(state, by_size(1)).remove, ElementsAre(1, 2, 0));
}

TEST(RetentionPlan, ByFreeSpaceTheOldestGoUntilThereIsEnough) {
  RetentionState state = state_of({kept(3, 100), kept(1, 100), kept(2, 100)});
  state.free_bytes = 50;
  EXPECT_THAT(plan_retention(state, by_free(50)).remove, IsEmpty());
  EXPECT_THAT(plan_retention(state, by_free(51)).remove, ElementsAre(1));
  EXPECT_THAT(plan_retention(state, by_free(250)).remove, ElementsAre(1, 2));
  state.free_bytes.reset();
  EXPECT_THAT(plan_retention(state, by_free(250)).remove, IsEmpty());
}

TEST(RetentionPlan, WhatIsNotFinishedCountsAndStays) {
  RetentionState state = state_of({kept(1, 500, false), kept(2, 100)});
  state.other_bytes = 1000;
  const RetentionPlan plan = plan_retention(state, by_size(700));
  EXPECT_THAT(plan.remove, ElementsAre(1));
  EXPECT_TRUE(plan.unmet);
}

TEST(RetentionPlan, ATimeInTheFutureIsNotOld) {
  EXPECT_THAT(plan_retention(state_of({kept(5000, 1)}), by_age(1)).remove, IsEmpty());
}

// What any plan must be, said without the planner's own words.
class Judge {
 public:
  Judge(const RetentionState& state, const RetentionLimits& limits) : state_(state), limits_(limits) {}

  bool old(std::size_t i) const {
    const KeptRecording& one = state_.recordings[i];
    return limits_.max_age.count() != 0 && one.end + limits_.max_age < state_.now;
  }
  bool kept_by_size(const std::vector<std::size_t>& removed) const {
    std::uint64_t used = state_.other_bytes;
    for (std::size_t i = 0; i < state_.recordings.size(); ++i)
      if (std::ranges::find(removed, i) == removed.end()) used += state_.recordings[i].bytes;
    return limits_.max_size == 0 || used <= limits_.max_size;
  }
  bool kept_by_free(const std::vector<std::size_t>& removed) const {
    if (limits_.min_free == 0 || !state_.free_bytes) return true;
    std::uint64_t free = *state_.free_bytes;
    for (const std::size_t i : removed) free += state_.recordings[i].bytes;
    return free >= limits_.min_free;
  }

 private:
  const RetentionState& state_;
  const RetentionLimits& limits_;
};

void check_plan(const RetentionState& state, const RetentionLimits& limits) {
  const RetentionPlan plan = plan_retention(state, limits);
  const Judge judge(state, limits);
  std::vector<bool> removed(state.recordings.size(), false);
  for (const std::size_t i : plan.remove) {
    ASSERT_LT(i, removed.size());
    ASSERT_FALSE(removed[i]) << "twice";
    ASSERT_TRUE(state.recordings[i].finished) << "an open one";
    removed[i] = true;
  }
  std::size_t finished_left = 0;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (removed[i] || !state.recordings[i].finished) continue;
    ++finished_left;
    EXPECT_FALSE(judge.old(i)) << "an old one is left";
    for (const std::size_t gone : plan.remove)
      EXPECT_LE(state.recordings[gone].end, state.recordings[i].end) << "a newer one went first";
  }
  const bool met = judge.kept_by_size(plan.remove) && judge.kept_by_free(plan.remove);
  EXPECT_EQ(plan.unmet, !met);
  EXPECT_TRUE(met || finished_left == 0) << "stopped before the limit";
  // One fewer would not have done: the newest of what goes is old, or a limit was not kept without it.
  if (!plan.remove.empty()) {
    std::vector<std::size_t> fewer = plan.remove;
    const std::size_t last = fewer.back();
    fewer.pop_back();
    EXPECT_TRUE(judge.old(last) || !judge.kept_by_size(fewer) || !judge.kept_by_free(fewer))
        << "too much goes";
  }
}

TEST(RetentionPlan, HoldsForAnyVolume) {
  Random random(11);
  for (int round = 0; round < 20'000; ++round) {
    RetentionState state;
    state.now = at(1000);
    const std::uint64_t count = random.between(0, 12);
    for (std::uint64_t i = 0; i < count; ++i)
      state.recordings.push_back(kept(static_cast<std::int64_t>(random.between(0, 1100)),
                                      random.between(0, 100), random.between(0, 3) > 0));
    state.other_bytes = random.between(0, 1) * random.between(0, 200);
    if (random.between(0, 3) > 0) state.free_bytes = random.between(0, 300);
    RetentionLimits limits;
    limits.max_age = std::chrono::seconds(random.between(0, 1) * random.between(1, 1200));
    limits.max_size = random.between(0, 1) * random.between(1, 800);
    limits.min_free = random.between(0, 1) * random.between(1, 900);
    check_plan(state, limits);
    if (::testing::Test::HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace live::storage
