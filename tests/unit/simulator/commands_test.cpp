// SPDX-License-Identifier: Apache-2.0
#include "simulator/commands.hpp"

#include <gtest/gtest.h>

#include "site.hpp"

namespace live::simulator {
namespace {

using namespace test;

TEST(Commands, RefuseWhatTheStateDoesNotAllow) {
  Site site;
  const auto problem = [&](const char* command, const Json& body) {
    const Result<Json> done = run_command(site.world(), site.room(), command, body);
    return done ? std::string() : done.error().message;
  };
  EXPECT_EQ(problem("stop", nullptr), "the room is not live");
  EXPECT_EQ(problem("live", {{"sameShow", true}}), "sameShow: there was no show yet");
  EXPECT_EQ(problem("live", {{"media", "/nowhere.flv"}}).substr(0, 6), "media:");
  EXPECT_EQ(problem("live", {{"tempo", 1}}), "tempo: no such field here");
  EXPECT_EQ(problem("live", {{"pace", "fast"}}), "pace: a number is wanted");
  EXPECT_EQ(problem("live", nullptr), "");
  EXPECT_EQ(problem("live", nullptr), "the room is live already");
  EXPECT_EQ(problem("drop", {{"how", "gently"}}), "how: reset, close or cut is wanted");
  EXPECT_EQ(problem("danmaku", {{"do", "x"}}), "do: reset, close, cut or halfOpen is wanted");
  EXPECT_EQ(problem("dance", nullptr), "no such command: dance");
}

TEST(Commands, TheSameShowCanGoOn) {
  Site site;
  site.control("POST", "/rooms/3/live");
  const Show first = *site.room().state.show;
  site.control("POST", "/rooms/3/stop");
  site.loop.clock.set(site.loop.clock.now() + std::chrono::seconds(30));
  site.control("POST", "/rooms/3/live", {{"sameShow", true}});
  EXPECT_EQ(site.room().state.show->key, first.key);
  EXPECT_EQ(site.room().state.show->started, first.started);
  site.control("POST", "/rooms/3/cutoff");
  site.control("POST", "/rooms/3/live");
  EXPECT_NE(site.room().state.show->key, first.key);
}

TEST(Commands, ControlAnswersMistakesWithWhatIsWrong) {
  Site site;
  EXPECT_EQ(site.control_status("POST", "/rooms", "{"), 400);
  EXPECT_EQ(site.control_status("POST", "/rooms", R"({"roomId":0})"), 400);
  EXPECT_EQ(site.control_status("POST", "/rooms", R"({"roomId":1,"area":{"x":1}})"), 400);
  EXPECT_EQ(site.control_status("GET", "/rooms/99"), 404);
  EXPECT_EQ(site.control_status("POST", "/rooms/3/nothing"), 400);
  EXPECT_EQ(site.control_status("POST", "/faults", R"({"api":[{"endpoints":"x"}]})"), 400);
  EXPECT_EQ(site.control_status("GET", "/nothing"), 404);
  EXPECT_EQ(site.control_status("GET", "/healthz"), 200);
}

TEST(Commands, ADeletedRoomIsUnknown) {
  Site site;
  site.control("DELETE", "/rooms/3");
  EXPECT_EQ(site.control_status("GET", "/rooms/3"), 404);
  EXPECT_EQ(parse_json(site.get("/room/v1/Room/room_init?id=3").body)["code"], 60004);
  site.control("POST", "/rooms", {{"roomId", room_id}});
  EXPECT_EQ(parse_json(site.get("/room/v1/Room/room_init?id=3").body)["code"], 0);
}

}  // namespace
}  // namespace live::simulator
