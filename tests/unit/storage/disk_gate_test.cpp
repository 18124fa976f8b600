// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/disk_gate.hpp"

#include <gtest/gtest.h>

namespace live::storage {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

TEST(DiskGate, ClosesBeforeTheVolumeIsFullAndOpensWithAMargin) {
  DiskGate gate;
  EXPECT_TRUE(gate.probed(64 * mib, 0));
  EXPECT_FALSE(gate.probed(64 * mib - 1, 0));
  EXPECT_FALSE(gate.probed(128 * mib, 0));
  EXPECT_TRUE(gate.probed(128 * mib + 1, 0));
}

TEST(DiskGate, AFastStreamWantsTwentySecondsOfRoom) {
  EXPECT_EQ(DiskGate::limit(1 * mib), 64 * mib);
  EXPECT_EQ(DiskGate::limit(10 * mib), 200 * mib);
  DiskGate gate;
  EXPECT_FALSE(gate.probed(199 * mib, 10 * mib));
  EXPECT_FALSE(gate.probed(400 * mib, 10 * mib));
  EXPECT_TRUE(gate.probed(401 * mib, 10 * mib));
}

TEST(DiskGate, AFailedWriteClosesItWhateverTheLastLookSaid) {
  DiskGate gate;
  gate.close();
  EXPECT_FALSE(gate.open());
  EXPECT_FALSE(gate.probed(100 * mib, 0));
  EXPECT_TRUE(gate.probed(1000 * mib, 0));
}

}  // namespace
}  // namespace live::storage
