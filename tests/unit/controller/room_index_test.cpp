// SPDX-License-Identifier: Apache-2.0
#include "controller/room_index.hpp"

#include <gtest/gtest.h>

#include "objects.hpp"

namespace live::controller {
namespace {
using namespace std::chrono_literals;
using Keys = std::vector<kube::ObjectKey>;

const kube::ObjectKey a{"rooms", "a"};
const kube::ObjectKey b{"rooms", "b"};

LiveRoom room(const std::string& name, std::int64_t id, Duration age) {
  LiveRoom made = test::make_room(name);
  made.spec.room_id = id;
  made.created = test::wall - age;
  return made;
}

TEST(RoomIndex, TheYoungerKnowsTheElder) {
  RoomIndex index;
  LiveRoom first = room("a", 6, 2h);
  const LiveRoom second = room("b", 6, 1h);
  EXPECT_EQ(index.update(a, &first), Keys{});
  EXPECT_EQ(index.update(b, &second), Keys{});  // the oldest is the same
  EXPECT_EQ(index.elder(b), a);
  EXPECT_EQ(index.elder(a), std::nullopt);
  EXPECT_EQ(index.update(b, &second), Keys{});  // nothing new

  first.spec.suspend = true;  // it doesn't record: the other is alone
  EXPECT_EQ(index.update(a, &first), Keys{b});
  EXPECT_EQ(index.elder(b), std::nullopt);
  first.spec.suspend = false;
  index.update(a, &first);
  EXPECT_EQ(index.update(a, nullptr), Keys{b});
  EXPECT_EQ(index.elder(b), std::nullopt);
}

TEST(RoomIndex, TheRealNumberCountsOnceItIsKnown) {
  RoomIndex index;
  LiveRoom by_short = room("a", 6, 2h);
  const LiveRoom by_real = room("b", 7734200, 1h);
  index.update(a, &by_short);
  index.update(b, &by_real);
  EXPECT_EQ(index.elder(b), std::nullopt);
  by_short.real_room_id = 7734200;
  EXPECT_EQ(index.update(a, &by_short), Keys{b});
  EXPECT_EQ(index.elder(b), a);
}

TEST(RoomIndex, CountsNamespacesAndMagnitude) {
  RoomIndex index;
  EXPECT_EQ(index.magnitude(), 1);
  for (int i = 0; i < 11; ++i) {
    LiveRoom one = room("r" + std::to_string(i), i + 1, 1h);
    one.spec.suspend = i == 0;
    index.update(one.key, &one);
    EXPECT_EQ(index.magnitude(), i < 2 ? 1 : 10);
  }
  EXPECT_EQ(index.in_namespace("rooms"), 11U);
  const LiveRoom last = room("last", 100, 1h);
  index.update(last.key, &last);
  EXPECT_EQ(index.magnitude(), 100);
  index.update(last.key, nullptr);
  EXPECT_EQ(index.magnitude(), 10);
  EXPECT_EQ(index.in_namespace("rooms"), 11U);
  EXPECT_EQ(index.in_namespace("other"), 0U);
}

}  // namespace
}  // namespace live::controller
