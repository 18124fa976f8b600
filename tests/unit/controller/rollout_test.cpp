// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout.hpp"

#include <gtest/gtest.h>

namespace live::controller {
namespace {
using namespace std::chrono_literals;
using Kind = UpdatePermit::Kind;

kube::ObjectKey room(int number) { return {"rooms", "r" + std::to_string(number)}; }

struct RolloutTest : testing::Test {
  Rollout rollout{3};
  TimePoint now{1h};

  Kind ask(int number, bool runs = true) { return rollout.ask(room(number), "i:2", runs, now).kind; }
  void begin(int number) { rollout.begin(room(number), "i:2", now); }
};

TEST_F(RolloutTest, OnePodTriesAnImageAndTheRestFollowSomeAtATime) {
  EXPECT_EQ(ask(0), Kind::yes);
  begin(0);
  EXPECT_EQ(ask(0), Kind::yes);
  for (int i = 1; i < 6; ++i) {
    EXPECT_EQ(ask(i), Kind::wait);
    EXPECT_EQ(ask(i, false), Kind::wait);  // it would tell nothing sooner
    rollout.wait(room(i));
  }
  rollout.succeeded("i:2");
  EXPECT_EQ(rollout.finish(room(0)), (std::vector{room(1), room(2), room(3)}));
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(ask(i), Kind::yes);
    begin(i);
  }
  EXPECT_EQ(ask(4), Kind::wait);
  EXPECT_EQ(ask(4, false), Kind::yes);
  EXPECT_EQ(rollout.finish(room(2)), std::vector{room(4)});
  EXPECT_TRUE(rollout.finish(room(2)).empty());
}

TEST_F(RolloutTest, ABadImageIsTriedByOneAgainEverLater) {
  Duration wait = Rollout::first_retry;
  for (int round = 0; round < 8; ++round) {
    EXPECT_EQ(ask(0), Kind::yes);
    begin(0);
    rollout.failed("i:2", now);
    rollout.finish(room(0));
    const UpdatePermit permit = rollout.ask(room(1), "i:2", true, now);
    EXPECT_EQ(permit.kind, Kind::bad);
    EXPECT_EQ(permit.again, wait);
    EXPECT_EQ(rollout.ask(room(1), "i:3", true, now).kind, Kind::yes);
    now += wait;
    wait = std::min(wait * 2, Rollout::last_retry);
  }
  rollout.succeeded("i:2");
  EXPECT_TRUE(rollout.ask(room(1), "i:2", true, now).proven);
}

TEST_F(RolloutTest, APodThatDoesNotComeUpKeepsNobodyWaitingForEver) {
  begin(0);
  EXPECT_EQ(ask(1), Kind::wait);
  now += Rollout::longest;
  EXPECT_EQ(ask(1), Kind::yes);
  EXPECT_EQ(rollout.under_way(now), 0u);
}

}  // namespace
}  // namespace live::controller
