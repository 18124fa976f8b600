// SPDX-License-Identifier: Apache-2.0
#include "simulator/scenario.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "site.hpp"

namespace live::simulator {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST(Scenario, StepsHappenInTheirTime) {
  Site site;
  const auto scenario =
      Scenario::parse(R"([{"at":2,"room":3,"do":"live"},{"at":5.5,"room":3,"do":"stop","drainSeconds":1}])");
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_FALSE(scenario->start(site.world()));
  const auto status = [&] { return site.room().state.status; };
  site.pass(1900ms);
  EXPECT_EQ(status(), LiveStatus::idle);
  site.pass(200ms);
  EXPECT_EQ(status(), LiveStatus::live);
  site.pass(3300ms);
  EXPECT_EQ(status(), LiveStatus::live);
  site.pass(200ms);
  EXPECT_EQ(status(), LiveStatus::idle);
  EXPECT_EQ(*site.room().state.show->push_ends - site.room().state.show->push_begins, 4500ms);
}

TEST(Scenario, StepsWaitForTheFirstConnection) {
  Site site;
  const auto scenario = Scenario::parse(
      R"({"after":"first-danmaku-connection","rooms":[{"roomId":5440}],"steps":[
          {"at":1,"room":23058,"do":"live"},{"after":"start","at":1,"room":5440,"do":"live"}]})");
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_FALSE(scenario->start(site.world()));
  site.pass(100s);
  EXPECT_EQ(site.world().find_room(5440)->state.status, LiveStatus::live);
  EXPECT_EQ(site.room().state.status, LiveStatus::idle);
  site.world().report(Event::danmaku_connected, *site.world().find_room(5440));
  site.pass(2s);
  EXPECT_EQ(site.room().state.status, LiveStatus::idle) << "of another room";
  site.world().report(Event::danmaku_connected, site.room());
  site.pass(500ms);
  EXPECT_EQ(site.room().state.status, LiveStatus::idle);
  site.pass(600ms);
  EXPECT_EQ(site.room().state.status, LiveStatus::live);
}

TEST(Scenario, ASiteThatCannotStartHasStartedNothing) {
  const std::string path = ::testing::TempDir() + "scenario-" + std::to_string(getpid()) + ".json";
  std::ofstream(path) << R"([{"at":0,"room":5,"do":"live"},{"at":0,"room":6,"do":"live"}])";
  Options options;
  options.scenario = path;
  EXPECT_THROW(Site site(options), std::runtime_error);
  std::remove(path.c_str());
}

TEST(Scenario, RefusesWhatIsNone) {
  const char* wrong[] = {"{",
                         "{}",
                         R"([{"at":1,"room":3}])",
                         R"([{"at":"x","room":3,"do":"live"}])",
                         R"({"after":"never","steps":[]})",
                         R"({"step":[]})"};
  for (const char* text : wrong) EXPECT_FALSE(Scenario::parse(text)) << text;
  Site site;
  EXPECT_TRUE(Scenario::parse(R"([{"at":1,"room":99,"do":"live"}])").value().start(site.world()));
}

}  // namespace
}  // namespace live::simulator
