// SPDX-License-Identifier: Apache-2.0
#include "base/task_group.hpp"

#include <gtest/gtest.h>

#include "base/stop.hpp"
#include "support/loop.hpp"

namespace live {
namespace {
using namespace std::chrono_literals;

awaitable<void> sleep_then_count(Clock& clock, Duration length, int& count, std::stop_token stop) {
  const bool passed = co_await clock.sleep_for(length, stop);
  if (!passed) throw Stopped();
  ++count;
}

awaitable<void> fail(Clock& clock, std::stop_token stop) {
  co_await clock.sleep_for(1s, stop);
  throw std::runtime_error("broken");
}

TEST(TaskGroup, JoinWaitsForAllChildren) {
  test::Loop loop;
  TaskGroup group(loop.executor());
  int count = 0;
  for (const Duration length : {1s, 2s, 3s})
    group.spawn(sleep_then_count(loop.clock, length, count, group.token()));
  loop.run(group.join());
  EXPECT_EQ(count, 3);
}

TEST(TaskGroup, TheFirstErrorStopsTheSiblingsAndIsRethrown) {
  test::Loop loop;
  TaskGroup group(loop.executor());
  int count = 0;
  group.spawn(sleep_then_count(loop.clock, 10s, count, group.token()));
  group.spawn(fail(loop.clock, group.token()));
  EXPECT_THROW(loop.run(group.join()), std::runtime_error);
  EXPECT_EQ(count, 0);
}

TEST(TaskGroup, TheParentsStopReachesTheChildrenAndIsNoError) {
  test::Loop loop;
  std::stop_source parent;
  TaskGroup group(loop.executor(), parent.get_token());
  int count = 0;
  group.spawn(sleep_then_count(loop.clock, 10s, count, group.token()));
  loop.advance(1s);
  parent.request_stop();
  loop.run(group.join());
  EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace live
