// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/repeat_memory.hpp"

#include <gtest/gtest.h>

namespace live::flv {
namespace {

TEST(RepeatMemory, KnowsTheLastTags) {
  RepeatMemory memory;
  EXPECT_TRUE(memory.empty());
  EXPECT_FALSE(memory.knows(1));
  for (std::uint64_t i = 0; i < 3 * RepeatMemory::tag_count; ++i) memory.add({i * 7919, 10, Frame::inter});
  for (std::uint64_t i = 0; i < 3 * RepeatMemory::tag_count; ++i)
    EXPECT_EQ(memory.knows(i * 7919), i >= 2 * RepeatMemory::tag_count) << i;
}

// Hashes of one bucket, and one hash over and over.
TEST(RepeatMemory, KeepsCollidingHashesApart) {
  RepeatMemory memory;
  for (std::uint64_t i = 1; i <= 100; ++i) memory.add({i << 32, 10, Frame::inter});
  for (int i = 0; i < 5000; ++i) memory.add({std::uint64_t{5} << 32, 10, Frame::audio});
  for (std::uint64_t i = 1; i <= 100; ++i) EXPECT_TRUE(memory.knows(i << 32)) << i;
  EXPECT_FALSE(memory.knows(std::uint64_t{101} << 32));
}

TEST(RepeatMemory, KnowsTheLastKeyFrames) {
  RepeatMemory memory;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    memory.add({i, 10, Frame::key});
    memory.add({1000 + i, 10, Frame::inter});
    memory.add({2000 + i, 10, Frame::audio});
  }
  EXPECT_FALSE(memory.knows_key_frame(4));
  EXPECT_TRUE(memory.knows_key_frame(5));
  EXPECT_TRUE(memory.knows_key_frame(20));
  EXPECT_FALSE(memory.knows_key_frame(1020));
  EXPECT_EQ(memory.last_video(), 1020U);
  EXPECT_EQ(memory.last_audio(), 2020U);
}

TEST(RepeatMemory, GoesOnInAnotherProcess) {
  RepeatMemory memory;
  for (std::uint64_t i = 1; i <= 10'000; ++i) memory.add({i, 10, i % 50 == 0 ? Frame::key : Frame::inter});
  const std::vector<RememberedTag> tags = memory.export_tags();
  ASSERT_EQ(tags.size(), RepeatMemory::tag_count);
  RepeatMemory other;
  for (const RememberedTag& tag : tags) other.add(tag);
  EXPECT_TRUE(other.knows(9999));
  EXPECT_TRUE(other.knows_key_frame(9950));
  EXPECT_EQ(other.last_video(), 10'000U);
}

}  // namespace
}  // namespace live::flv
