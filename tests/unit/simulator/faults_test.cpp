// SPDX-License-Identifier: Apache-2.0
#include "simulator/faults.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::simulator {
namespace {

TEST(FaultQueue, UsesUpTheFirstThatMatches) {
  FaultQueue<ApiFault> queue;
  ApiFault one, two;
  one.endpoint = "a";
  one.count = 2;
  two.count = -1;
  queue.add(one);
  queue.add(two);
  const auto only = [](const char* name) {
    return [name](const ApiFault& fault) { return fault.endpoint.empty() || fault.endpoint == name; };
  };
  EXPECT_EQ(queue.take(only("b"))->endpoint, "");
  EXPECT_EQ(queue.take(only("a"))->endpoint, "a");
  EXPECT_EQ(queue.take(only("a"))->endpoint, "a");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(queue.take(only("a"))->endpoint, "");
}

TEST(Faults, AddAndClear) {
  Faults faults;
  EXPECT_FALSE(faults.add({{"api", Json::array({{{"code", -352}}})},
                           {"media", Json::array({{{"status", 404}}, {{"html", true}}})}}));
  EXPECT_EQ(faults.api.size(), 1u);
  EXPECT_EQ(faults.media.size(), 2u);
  EXPECT_FALSE(faults.add({{"media", Json::array()}}));
  EXPECT_EQ(faults.media.size(), 0u);
  EXPECT_EQ(faults.api.size(), 1u);
}

TEST(Faults, AMistakeAddsNothing) {
  Faults faults;
  EXPECT_TRUE(faults.add({{"api", Json::array({{{"code", -352}}, {{"cod", 1}}})}}));
  EXPECT_TRUE(faults.add({{"api", 1}}));
  EXPECT_TRUE(faults.add({{"apis", Json::array()}}));
  EXPECT_TRUE(faults.add({{"api", Json::array({{{"code", -352}}})}, {"danmaku", Json::array({1})}}));
  EXPECT_EQ(faults.api.size(), 0u);
}

}  // namespace
}  // namespace live::simulator
