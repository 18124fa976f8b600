// SPDX-License-Identifier: Apache-2.0
#include "recorder/room_target.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {

TEST(RoomTarget, ReadsNumbersAndAddresses) {
  for (const char* text :
       {"23058", "live.bilibili.com/23058", "https://live.bilibili.com/23058",
        "http://live.bilibili.com/h5/23058", "https://live.bilibili.com/blanc/23058?liteVersion=true",
        "live.bilibili.com/23058#top", "live.bilibili.com/23058/"}) {
    const auto room = parse_room(text);
    ASSERT_TRUE(room) << text;
    EXPECT_EQ(*room, 23058) << text;
  }
}

TEST(RoomTarget, RefusesTheRestAndSaysWhatItWas) {
  for (const char* text : {"", "0", "-1", "23058x", "https://example.com/23058", "live.bilibili.com/",
                           "99999999999999999999", "https://23058"}) {
    const auto room = parse_room(text);
    ASSERT_FALSE(room) << text;
    EXPECT_NE(room.error().message.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace live::recorder
