// SPDX-License-Identifier: Apache-2.0
#include "net/receive_pacing.hpp"

#include <gtest/gtest.h>

namespace live::net {
namespace {

using namespace std::chrono_literals;

// One step a second with so many bytes; what each tick says.
std::vector<std::optional<int>> run(std::initializer_list<std::uint64_t> bytes_a_second) {
  ReceivePacing pacing;
  TimePoint now{1h};
  std::uint64_t total = 0;
  std::vector<std::optional<int>> out;
  EXPECT_EQ(pacing.tick(now, total), std::nullopt);
  for (const std::uint64_t bytes : bytes_a_second) {
    now += 1s;
    total += bytes;
    out.push_back(pacing.tick(now, total));
  }
  return out;
}

using Ticks = std::vector<std::optional<int>>;
constexpr std::nullopt_t stays = std::nullopt;

TEST(ReceivePacing, WaitsForHalfASecond) {
  EXPECT_EQ(run({400'000}), (Ticks{200'000}));
  EXPECT_EQ(run({1'000'000}), (Ticks{500'000}));
}

TEST(ReceivePacing, StaysInItsBounds) {
  EXPECT_EQ(run({1}), (Ticks{16 << 10}));
  EXPECT_EQ(run({25'000}), (Ticks{16 << 10}));
  EXPECT_EQ(run({1'000'000'000}), (Ticks{512 << 10}));
}

TEST(ReceivePacing, ChangesOnlyWhenTheRateMovedByHalf) {
  EXPECT_EQ(run({400'000, 410'000, 500'000, 300'000, 220'000}), (Ticks{200'000, stays, stays, stays, stays}));
  EXPECT_EQ(run({400'000, 700'000, 700'000}), (Ticks{200'000, 350'000, stays}));
  EXPECT_EQ(run({400'000, 190'000, 190'000}), (Ticks{200'000, 95'000, stays}));
}

TEST(ReceivePacing, FallsToOneInSilence) {
  EXPECT_EQ(run({400'000, 0, 0, 400'000}), (Ticks{200'000, 1, stays, 200'000}));
  EXPECT_EQ(run({0}), (Ticks{stays}));
}

TEST(ReceivePacing, TakesTicksAtAnyDistance) {
  ReceivePacing pacing;
  TimePoint now{1h};
  EXPECT_EQ(pacing.tick(now, 0), std::nullopt);
  EXPECT_EQ(pacing.tick(now, 5'000'000), std::nullopt);
  now += 500ms;
  EXPECT_EQ(pacing.tick(now, 5'200'000), 200'000);
  now += 4s;
  EXPECT_EQ(pacing.tick(now, 6'800'000), std::nullopt);
}

}  // namespace
}  // namespace live::net
