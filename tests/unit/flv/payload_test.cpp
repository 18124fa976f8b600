// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/payload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "recorder/flv/ring_queue.hpp"

namespace live::flv {
namespace {

TEST(Payload, KeepsItsBytesWhenTheBufferChanges) {
  SlabPool pool;
  Bytes buffer(1000, 1);
  Payload payload{ByteView(buffer)};
  EXPECT_EQ(payload.bytes().data(), buffer.data());
  payload.own(pool);
  std::ranges::fill(buffer, std::uint8_t{2});
  EXPECT_EQ(payload.bytes()[999], 1);
  const std::uint8_t* place = payload.bytes().data();
  payload.own(pool);
  EXPECT_EQ(payload.bytes().data(), place);
  const Payload moved = std::move(payload);
  EXPECT_EQ(moved.bytes().data(), place);
}

TEST(Payload, UsesItsSlabsAgain) {
  SlabPool pool;
  const Bytes bytes(5000, 7);
  RingQueue<Payload> queue;
  for (int i = 0; i < 20; ++i) queue.push(Payload(bytes, pool));
  const std::size_t once = pool.allocated();
  for (int i = 0; i < 10'000; ++i) {
    queue.push(Payload(bytes, pool));
    (void)queue.pop();
  }
  EXPECT_LE(pool.allocated(), once + 2 * SlabPool::slab_size);
  EXPECT_EQ(queue.size(), 20U);
}

TEST(Payload, GivesLargeOnesBack) {
  SlabPool pool;
  const Bytes bytes(std::size_t{3} << 20, 7);
  {
    const Payload payload(bytes, pool);
    EXPECT_GE(pool.allocated(), bytes.size());
    EXPECT_TRUE(std::ranges::equal(payload.bytes(), bytes));
  }
  EXPECT_LT(pool.allocated(), bytes.size());
}

TEST(RingQueue, KeepsTheOrderWhileItGrows) {
  RingQueue<int> queue;
  int next = 0;
  int expected = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 7; ++i) queue.push(next++);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(queue.pop(), expected++);
  }
  EXPECT_EQ(queue.size(), 300U);
  EXPECT_EQ(queue[0], expected);
  EXPECT_EQ(queue.back(), next - 1);
}

}  // namespace
}  // namespace live::flv
