// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/disk_thread.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "support/loop.hpp"

namespace live::storage {
namespace {

TEST(DiskThread, RunsJobsInOrderOnItsOwnThread) {
  test::Loop loop;
  DiskThread disk(loop.executor());
  std::vector<int> order;
  std::thread::id where;
  int done = 0;
  for (int i = 0; i < 100; ++i) {
    disk.post(
        [&, i] {
          order.push_back(i);
          where = std::this_thread::get_id();
        },
        [&](std::exception_ptr error) {
          EXPECT_FALSE(error);
          ++done;
        },
        10);
  }
  EXPECT_EQ(disk.queued_bytes(), 1000U);
  loop.run_until([&] { return done == 100; });
  EXPECT_EQ(disk.queued_bytes(), 0U);
  EXPECT_EQ(disk.queued_jobs(), 0U);
  EXPECT_NE(where, std::this_thread::get_id());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(DiskThread, GivesResultsAndErrorsToCoroutines) {
  test::Loop loop;
  DiskThread disk(loop.executor());
  const std::function<std::string()> text([] { return std::string("text"); });
  EXPECT_EQ(loop.run_real(disk.run(text)), "text");
  bool ran = false;
  const std::function<void()> nothing([&] { ran = true; });
  loop.run_real(disk.run(nothing));
  EXPECT_TRUE(ran);
  const std::function<int()> fails([]() -> int { throw std::runtime_error("no"); });
  EXPECT_THROW(loop.run_real(disk.run(fails)), std::runtime_error);
}

TEST(DiskThread, HoldsBackAtItsLimit) {
  test::Loop loop;
  DiskThread disk(loop.executor(), 100);
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  disk.post([open] { open.wait(); }, nullptr, 60);
  EXPECT_TRUE(disk.has_room());
  disk.post([] {}, nullptr, 60);
  EXPECT_FALSE(disk.has_room());
  loop.run_until([&] { return disk.stalled_for(std::chrono::steady_clock::now()) > Duration::zero(); });

  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(loop.run_real(disk.wait_for_room(stop.get_token())));

  bool room = false;
  asio::co_spawn(loop.io, disk.wait_for_room(std::stop_token()),
                 [&](std::exception_ptr, bool result) { room = result; });
  loop.io.restart();
  loop.io.poll();
  EXPECT_FALSE(room);
  gate.set_value();
  loop.run_until([&] { return room; });
  EXPECT_EQ(disk.stalled_for(std::chrono::steady_clock::now()), Duration::zero());
}

// What was queued is done; what should tell so finds nobody, and nothing breaks.
TEST(DiskThread, FinishesItsQueueWhenDestroyed) {
  test::Loop loop;
  int ran = 0;
  bool told = false;
  {
    DiskThread disk(loop.executor());
    for (int i = 0; i < 50; ++i) disk.post([&] { ++ran; }, [&](std::exception_ptr) { told = true; });
  }
  EXPECT_EQ(ran, 50);
  loop.poll();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace live::storage
