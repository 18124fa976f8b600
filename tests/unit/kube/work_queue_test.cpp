// SPDX-License-Identifier: Apache-2.0
#include "kube/work_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace live::kube {
namespace {
using namespace std::chrono_literals;

const ObjectKey a{"ns", "a"};
const ObjectKey b{"ns", "b"};
const ObjectKey c{"ns", "c"};

struct WorkQueueTest : testing::Test {
  Random random{7};
  WorkQueue queue;
  TimePoint now{1h};

  std::string take() {
    const std::optional<WorkQueue::Item> item = queue.take(now);
    return item ? item->key.name : "";
  }
  void add(const ObjectKey& key, Priority priority = Priority::normal) { queue.add(key, priority, now); }
};

TEST_F(WorkQueueTest, IsInOrderAndKnowsEachKeyOnce) {
  EXPECT_TRUE(queue.add(a, Priority::normal, now));
  EXPECT_TRUE(queue.add(b, Priority::normal, now));
  EXPECT_FALSE(queue.add(a, Priority::normal, now));
  EXPECT_EQ(queue.ready(), 2u);
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(take(), "");
  queue.done(a, now);
  queue.done(b, now);
  EXPECT_TRUE(queue.idle());
}

TEST_F(WorkQueueTest, AKeyIsNeverWithTwoWorkersAndChangesDuringARunGiveOneMore) {
  add(a);
  EXPECT_EQ(take(), "a");
  add(a);
  add(a);
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(queue.idle());
  queue.done(a, now);
  EXPECT_EQ(take(), "a");
  queue.done(a, now);
  EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, NewsGoesBeforeKeysOfTheInitialList) {
  add(a, Priority::low);
  add(b, Priority::low);
  add(c);
  EXPECT_EQ(take(), "c");
  add(b);  // now it is news
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "");
  EXPECT_EQ(queue.ready(), 0u);
}

TEST_F(WorkQueueTest, OfDelaysTheEarliestCounts) {
  queue.add_at(a, now + 10s);
  queue.add_at(a, now + 5s);
  queue.add_at(a, now + 20s);
  EXPECT_EQ(queue.delayed(), 1u);
  EXPECT_EQ(queue.next_due(), now + 5s);
  now += 5s;
  EXPECT_EQ(take(), "a");
  queue.done(a, now);
  now += 1h;
  EXPECT_EQ(take(), "");
}

TEST_F(WorkQueueTest, ARunMakesAnOlderDelayVoid) {
  queue.add_at(a, now + 10s);
  add(a);
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(queue.delayed(), 0u);
  queue.add_at(a, now + 1s);  // asked for during the run: this one counts
  queue.done(a, now);
  EXPECT_EQ(queue.next_due(), now + 1s);
}

TEST_F(WorkQueueTest, NextDueTellsWhetherToWait) {
  EXPECT_EQ(queue.next_due(), TimePoint::max());
  queue.add_at(a, now + 10s);
  EXPECT_EQ(queue.next_due(), now + 10s);
  add(b);
  EXPECT_LT(queue.next_due(), now);
}

TEST_F(WorkQueueTest, FailuresBackOffFromFiveMillisecondsToTwoMinutes) {
  Duration full = 5ms;
  for (int i = 0; i < 25; ++i) {
    add(a);
    ASSERT_EQ(take(), "a");
    queue.add_failed(a, now, random);
    queue.done(a, now);
    const Duration wait = queue.next_due() - now;
    EXPECT_LE(wait, full);
    EXPECT_GE(wait, full * 79 / 100);
    full = std::min<Duration>(120s, full * 2);
  }
  EXPECT_EQ(queue.failures(a), 25);
  queue.forget(a);
  EXPECT_EQ(queue.failures(a), 0);
}

TEST_F(WorkQueueTest, AFailureWaitsAtLeastAsLongAsTheServerAsks) {
  add(a);
  take();
  queue.add_failed(a, now, random, 30s);
  queue.done(a, now);
  EXPECT_EQ(queue.next_due(), now + 30s);
}

TEST_F(WorkQueueTest, WhatFailedInAnOutageIsDueAtItsEnd) {
  const auto fail = [this](const ObjectKey& key, int times, Duration at_least) {
    for (int i = 0; i < times; ++i) {
      add(key);
      take();
      queue.add_failed(key, now, random, at_least);
      queue.done(key, now);
    }
  };
  fail(a, 20, 0s);
  fail(b, 1, 30s);
  queue.add_at(c, now + 60s);  // has not failed
  now += 1s;
  queue.hasten(now);
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(queue.next_due(), now + 29s);
  queue.add_failed(a, now, random);
  queue.done(a, now);
  EXPECT_LE(queue.next_due(), now + 5ms);
  now += 29s;
  EXPECT_EQ(take(), "a");
  EXPECT_EQ(take(), "b");
  EXPECT_EQ(queue.next_due(), now + 30s);
}

TEST_F(WorkQueueTest, TellsHowLongAKeyWaited) {
  add(a);
  now += 3s;
  EXPECT_EQ(queue.take(now)->waited, 3s);
  queue.add_at(b, now + 1s);
  now += 5s;
  EXPECT_EQ(queue.take(now)->waited, 4s);
}

TEST_F(WorkQueueTest, UnknownKeysAreNoProblem) {
  queue.forget(a);
  queue.done(a, now);
  EXPECT_EQ(queue.in_work(), 0u);
  EXPECT_TRUE(queue.idle());
}

// Random operations against the rules, with a model that counts what is owed.
TEST_F(WorkQueueTest, KeepsItsPromisesUnderRandomUse) {
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 8; ++i) keys.push_back({"ns", std::to_string(i)});
  std::map<ObjectKey, bool> owed;  // an add that no run has begun after
  std::vector<ObjectKey> running;
  for (int step = 0; step < 50'000; ++step) {
    const ObjectKey key = keys[random.between(0, keys.size() - 1)];
    switch (random.between(0, 5)) {
      case 0:
        add(key, random.between(0, 1) ? Priority::low : Priority::normal);
        owed[key] = true;
        break;
      case 1:
        queue.add_at(key, now + std::chrono::milliseconds(random.between(0, 50)));
        break;
      case 2:
        if (const auto item = queue.take(now)) {
          ASSERT_EQ(std::count(running.begin(), running.end(), item->key), 0);
          running.push_back(item->key);
          owed[item->key] = false;
        }
        break;
      case 3:
      case 4:
        if (!running.empty()) {
          const std::size_t at = random.between(0, running.size() - 1);
          if (random.between(0, 3) == 0) {
            queue.add_failed(running[at], now, random);
          } else {
            queue.forget(running[at]);
          }
          queue.done(running[at], now);
          running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
        }
        break;
      case 5:
        now += 1ms;
        break;
    }
    ASSERT_EQ(queue.in_work(), running.size());
  }
  for (const ObjectKey& key : running) {
    queue.forget(key);
    queue.done(key, now);
  }
  now += 1h;
  while (const auto item = queue.take(now)) {
    owed[item->key] = false;
    queue.forget(item->key);
    queue.done(item->key, now);
  }
  for (const auto& [key, is_owed] : owed) EXPECT_FALSE(is_owed) << key.name;
  EXPECT_TRUE(queue.idle());
  EXPECT_EQ(queue.delayed(), 0u);
}

}  // namespace
}  // namespace live::kube
