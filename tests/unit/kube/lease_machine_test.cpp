// SPDX-License-Identifier: Apache-2.0
#include "kube/lease_machine.hpp"

#include <gtest/gtest.h>

namespace live::kube {
namespace {
using namespace std::chrono_literals;

const WallTime wall{1'700'000'000s};

struct LeaseMachineTest : testing::Test {
  Random random{7};
  LeaseMachine machine{"me", LeaseTimes{}, random};
  TimePoint now{1h};

  LeaseMachine::Action next() { return machine.next(now, wall + (now - TimePoint{1h})); }
  template <class T>
  T expect() {
    const LeaseMachine::Action action = next();
    EXPECT_TRUE(std::holds_alternative<T>(action)) << "action " << action.index();
    return std::holds_alternative<T>(action) ? std::get<T>(action) : T{};
  }
  Duration expect_wait() {
    const LeaseMachine::Wait wait = expect<LeaseMachine::Wait>();
    const Duration length = wait.until - now;
    now = wait.until;
    return length;
  }
  LeaseRecord of(const std::string& holder, WallTime renewed = wall) {
    return {holder, 15, wall, renewed, 4};
  }
  void lead() {
    expect<LeaseMachine::Read>();
    machine.was_read(now, std::nullopt);
    machine.was_written(now, now, expect<LeaseMachine::Create>().record);
    ASSERT_TRUE(machine.leading());
  }
};

TEST_F(LeaseMachineTest, CreatesALeaseThatIsNotThere) {
  expect<LeaseMachine::Read>();
  machine.was_read(now, std::nullopt);
  const LeaseRecord record = expect<LeaseMachine::Create>().record;
  EXPECT_EQ(record, (LeaseRecord{"me", 15, wall, wall, 0}));
  EXPECT_FALSE(machine.leading());
  machine.was_written(now, now, record);
  EXPECT_TRUE(machine.leading());
}

TEST_F(LeaseMachineTest, RenewsEveryTwoSecondsWithOneWrite) {
  lead();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(expect_wait(), 2s);
    const LeaseRecord record = expect<LeaseMachine::Update>().record;
    EXPECT_EQ(record.acquired, wall);
    EXPECT_EQ(record.transitions, 0);
    EXPECT_GT(record.renewed, wall);
    machine.was_written(now, now, record);
  }
}

TEST_F(LeaseMachineTest, TakesAFreeLeaseAndCountsTheTransition) {
  expect<LeaseMachine::Read>();
  machine.was_read(now, of(""));
  const LeaseRecord record = expect<LeaseMachine::Update>().record;
  EXPECT_EQ(record.holder, "me");
  EXPECT_EQ(record.transitions, 5);
  EXPECT_EQ(record.acquired, wall);
}

TEST_F(LeaseMachineTest, AForeignLeaseIsTakenWhenItRestedForItsDurationOnOurClock) {
  expect<LeaseMachine::Read>();
  machine.was_read(now, of("other", wall - 1h));  // the other's clock is an hour behind: no matter
  const TimePoint seen = now;
  int reads = 0;
  while (true) {
    const Duration pause = expect_wait();
    EXPECT_GE(pause, 2s);
    EXPECT_LE(pause, 4400ms);
    expect<LeaseMachine::Read>();
    machine.was_read(now, of("other", wall - 1h));
    ++reads;
    if (now - seen >= 15s) break;
  }
  EXPECT_GE(reads, 4);
  EXPECT_EQ(expect<LeaseMachine::Update>().record.holder, "me");
  EXPECT_LE(now - seen, 15s + 4400ms);
}

TEST_F(LeaseMachineTest, AForeignLeaseThatIsRenewedStaysForeign) {
  expect<LeaseMachine::Read>();
  for (int i = 0; i < 60; ++i) {
    machine.was_read(now, of("other", wall + std::chrono::seconds(i)));
    expect_wait();
    expect<LeaseMachine::Read>();
  }
  EXPECT_EQ(machine.holder(), "other");
}

TEST_F(LeaseMachineTest, TheLoserOfARaceWaitsAndReadsAgain) {
  expect<LeaseMachine::Read>();
  machine.was_read(now, std::nullopt);
  expect<LeaseMachine::Create>();
  machine.was_refused(now);
  expect_wait();
  expect<LeaseMachine::Read>();
  machine.was_read(now, of("other"));
  expect_wait();
  EXPECT_FALSE(machine.leading());
}

TEST_F(LeaseMachineTest, ARefusedRenewalLooksAtOnceWhoItIs) {
  lead();
  expect_wait();
  expect<LeaseMachine::Update>();
  machine.was_refused(now);
  expect<LeaseMachine::Read>();
  machine.was_read(now, of("me"));  // our own earlier write, whose answer was lost
  const LeaseRecord record = expect<LeaseMachine::Update>().record;
  EXPECT_EQ(record.transitions, 4);
  machine.was_written(now, now, record);
  EXPECT_TRUE(machine.leading());
}

TEST_F(LeaseMachineTest, AForeignHolderMeansLost) {
  lead();
  expect_wait();
  expect<LeaseMachine::Update>();
  machine.was_refused(now);
  expect<LeaseMachine::Read>();
  machine.was_read(now, of("other"));
  EXPECT_FALSE(machine.leading());
  expect<LeaseMachine::Lost>();
  expect<LeaseMachine::Lost>();
}

TEST_F(LeaseMachineTest, ADeletedLeaseIsMadeAgainByItsHolder) {
  lead();
  expect_wait();
  expect<LeaseMachine::Update>();
  machine.was_refused(now);
  expect<LeaseMachine::Read>();
  machine.was_read(now, std::nullopt);
  machine.was_written(now, now, expect<LeaseMachine::Create>().record);
  EXPECT_TRUE(machine.leading());
}

TEST_F(LeaseMachineTest, WithoutAnAnswerItIsLostTenSecondsAfterTheLastRenewalBegan) {
  lead();
  const TimePoint renewed = now;
  expect_wait();
  expect<LeaseMachine::Update>();
  while (now < renewed + 10s) {
    machine.has_failed(now);
    expect_wait();
    EXPECT_LE(now, renewed + 10s);
    if (now < renewed + 10s) expect<LeaseMachine::Read>();
  }
  expect<LeaseMachine::Lost>();
  EXPECT_FALSE(machine.leading());
}

TEST_F(LeaseMachineTest, TheDeadlineCountsFromTheSendingOfARenewal) {
  lead();
  expect_wait();
  const TimePoint sent = now;
  const LeaseRecord record = expect<LeaseMachine::Update>().record;
  now += 4s;
  machine.was_written(sent, now, record);
  EXPECT_EQ(machine.deadline(), sent + 10s);
}

TEST_F(LeaseMachineTest, AReleasedLeaseIsFreeAndKeepsItsCount) {
  expect<LeaseMachine::Read>();
  machine.was_read(now, of(""));
  machine.was_written(now, now, expect<LeaseMachine::Update>().record);
  const LeaseRecord released = machine.released(wall + 1min);
  EXPECT_EQ(released, (LeaseRecord{"", 1, wall + 1min, wall + 1min, 5}));
}

TEST_F(LeaseMachineTest, ALeaseWithoutADurationUsesOurs) {
  LeaseRecord record = of("other");
  record.duration_seconds = 0;
  expect<LeaseMachine::Read>();
  machine.was_read(now, record);
  now += 14s;
  expect_wait();
  expect<LeaseMachine::Read>();
  machine.was_read(now, record);
  expect<LeaseMachine::Update>();
}

}  // namespace
}  // namespace live::kube
