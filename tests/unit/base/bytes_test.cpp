// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace live {
namespace {

TEST(Bytes, WriterAndReaderAgree) {
  ByteWriter writer;
  writer.u8(1);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090A);
  writer.u64(0x0B0C0D0E0F101112);
  writer.f64(-1.5);
  ByteReader reader(writer.data());
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u24(), 0x040506u);
  EXPECT_EQ(reader.u32(), 0x0708090Au);
  EXPECT_EQ(reader.u64(), 0x0B0C0D0E0F101112u);
  EXPECT_EQ(reader.f64(), -1.5);
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_TRUE(reader.ok());
}

TEST(Bytes, ReadingPastTheEndGivesZeroAndStaysFailed) {
  const Bytes data{1, 2, 3};
  ByteReader reader(data);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.take(1).empty());
}

}  // namespace
}  // namespace live
