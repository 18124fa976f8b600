// SPDX-License-Identifier: Apache-2.0
#include "simulator/room.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "flv_builder.hpp"

namespace live::simulator {
namespace {

using namespace std::chrono_literals;

const TimePoint start{1h};

Show show() {
  Show made(
      std::make_shared<const FlvSource>(std::move(FlvSource::parse(test::FlvFile::two_groups()).value())));
  made.push_begins = start;
  return made;
}

TEST(RoomInfo, ChangesOnlyWhatIsNamed) {
  RoomInfo info;
  ASSERT_FALSE(info.update({{"roomId", 7}, {"title", "a"}, {"area", {{"name", "b"}}}}));
  EXPECT_EQ(info.uid, 10'000'007);
  ASSERT_FALSE(info.update({{"roomId", 7}, {"shortId", 1}}));
  EXPECT_EQ(info.title, "a");
  EXPECT_EQ(info.area.name, "b");
  EXPECT_EQ(info.area.parent_id, 9);
}

TEST(RoomInfo, AMistakeChangesNothing) {
  RoomInfo info;
  ASSERT_FALSE(info.update({{"roomId", 7}, {"title", "a"}}));
  for (const Json& wrong :
       {Json({{"title", "b"}, {"uid", "x"}}), Json({{"title", "b"}, {"tilte", "x"}}),
        Json({{"title", "b"}, {"framing", "x"}}), Json({{"title", "b"}, {"qualities", Json::array()}})}) {
    EXPECT_TRUE(info.update(wrong)) << wrong.dump();
    EXPECT_EQ(info.title, "a");
  }
}

TEST(RoomState, TheShownStatusLags) {
  RoomState room;
  room.info.status_lag = Milliseconds(2000);
  room.show = show();
  room.set_status(LiveStatus::live, start);
  EXPECT_EQ(room.shown_status(start + 1999ms), LiveStatus::idle);
  EXPECT_EQ(room.shown_status(start + 2000ms), LiveStatus::live);
  room.set_status(LiveStatus::rotation, start + 10s);
  EXPECT_EQ(room.shown_status(start + 11s), LiveStatus::live);
  EXPECT_EQ(room.shown_status(start + 12s), LiveStatus::rotation);
}

TEST(Show, IsPushedBetweenItsMoments) {
  Show one = show();
  EXPECT_FALSE(one.pushing(start - 1ms));
  EXPECT_EQ(one.due(start - 1ms), 0u);
  EXPECT_TRUE(one.pushing(start));
  EXPECT_EQ(one.due(start + 400ms), 32u);
  one.push_ends = start + 200ms;
  EXPECT_TRUE(one.pushing(start + 199ms));
  EXPECT_FALSE(one.pushing(start + 200ms));
  EXPECT_EQ(one.due(start + 1h), one.due(start + 200ms));
}

TEST(Show, ThePaceScalesTime) {
  Show one = show();
  const std::uint64_t due = one.due(start + 400ms);
  one.pace = 2;
  EXPECT_EQ(one.due(start + 200ms), due);
}

}  // namespace
}  // namespace live::simulator
