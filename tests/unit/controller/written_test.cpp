// SPDX-License-Identifier: Apache-2.0
#include "controller/written.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "controller/live_room.hpp"
#include "controller/state_metrics.hpp"
#include "objects.hpp"
#include "support/fake_clock.hpp"

namespace live::controller {
namespace {

Json room_json(const std::string& version) {
  Json json =
      parse_json(R"({"metadata": {"name": "a", "namespace": "rooms", "uid": "u"}, "spec": {"roomId": 6}})");
  json["metadata"]["resourceVersion"] = version;
  return json;
}

class WrittenTest : public ::testing::Test {
 protected:
  WrittenTest() {
    store_.scope("").begin_list();
    store_.scope("").list_item(room_json("10"));
    store_.scope("").commit_list("10");
  }
  void write(const std::string& version) {
    LiveRoom room = test::make_room();
    room.resource_version = version;
    written_.put(std::move(room));
  }
  std::string version() {
    const auto found = written_.find({"rooms", "a"});
    return found ? found->resource_version : "none";
  }

  live::test::FakeClock clock_;
  kube::Store<LiveRoom> store_{decode_live_room};
  Written<LiveRoom> written_{store_, clock_};
};

// A watch that breaks before it has shown what was made, and a list that comes after its end.
TEST_F(WrittenTest, WhatWentBeforeAnyWatchShowedItIsMissed) {
  std::vector<std::string> missed;
  store_.on_list(
      [&] { written_.for_each_missed([&](const LiveRoom& room) { missed.push_back(room.uid); }); });
  LiveRoom room = test::make_room();
  room.key.name = "b";
  room.uid = "b's";
  room.resource_version = "12";
  written_.put(std::move(room));
  const auto list = [this](const std::string& version) {
    store_.scope("").begin_list();
    store_.scope("").list_item(room_json("10"));
    store_.scope("").commit_list(version);
  };
  list("11");  // behind: it may still come
  EXPECT_TRUE(missed.empty());
  list("13");
  EXPECT_EQ(missed, std::vector<std::string>{"b's"});
}

TEST_F(WrittenTest, TheAnswerCountsUntilTheWatchHasIt) {
  EXPECT_EQ(version(), "10");
  write("12");
  EXPECT_EQ(version(), "12");
  store_.scope("").changed(room_json("11"));
  EXPECT_EQ(version(), "12");
  store_.scope("").changed(room_json("12"));
  EXPECT_EQ(version(), "12");
  store_.scope("").changed(room_json("13"));
  EXPECT_EQ(version(), "13");
}

TEST_F(WrittenTest, TheStoreTakesWhatIsKnownAsItIs) {
  store_.set_known([this](const auto& key, const std::string& v) { return written_.known(key, v); });
  write("12");
  const auto answer = written_.find({"rooms", "a"});
  store_.scope("").changed(room_json("11"));
  EXPECT_NE(store_.find({"rooms", "a"}), answer);
  store_.scope("").changed(room_json("12"));
  EXPECT_EQ(store_.find({"rooms", "a"}), answer);
  EXPECT_EQ(version(), "12");
  store_.scope("").changed(room_json("13"));
  EXPECT_EQ(store_.find({"rooms", "a"})->resource_version, "13");
}

TEST_F(WrittenTest, ADeletionThatTheWatchHasSeenCounts) {
  write("12");
  store_.scope("").removed(room_json("15"));
  EXPECT_EQ(version(), "12");
  store_.scope("").advance("15");
  EXPECT_EQ(version(), "none");
}

TEST_F(WrittenTest, AWatchThatNeverCatchesUpIsBelievedInTheEnd) {
  write("12");
  clock_.set(clock_.now() + Written<LiveRoom>::max_age);
  EXPECT_EQ(version(), "10");
}

TEST_F(WrittenTest, WhatTheServerNoLongerHasIsGoneUntilTheWatchSaysOtherwise) {
  written_.gone({"rooms", "a"}, "u");
  EXPECT_EQ(version(), "none");
  store_.scope("").changed(room_json("11"));  // still of its life
  EXPECT_EQ(version(), "none");
  Json other = room_json("20");
  other["metadata"]["uid"] = "v";
  store_.scope("").changed(other);
  EXPECT_EQ(version(), "20");
  written_.gone({"rooms", "a"}, "v");
  clock_.set(clock_.now() + Written<LiveRoom>::max_age);
  EXPECT_EQ(version(), "20");
}

TEST_F(WrittenTest, VersionsThatCanNotBeComparedAreNotKept) {
  write("x-12");
  EXPECT_EQ(version(), "10");
}

TEST_F(WrittenTest, StateMetricsVanishWithTheirObject) {
  Json json = room_json("20");
  json["metadata"]["creationTimestamp"] = "2023-11-14T22:13:20Z";
  json["status"]["conditions"] = parse_json(R"([{"type": "Ready", "status": "True", "reason": "Ready"},
                                                {"type": "Live", "status": "Unknown", "reason": "Pending"}])");
  store_.scope("").changed(json);
  const std::string text = state_metrics(store_);
  for (const char* line : {
           "# TYPE kube_liveroom_info gauge\n",
           "kube_liveroom_info{namespace=\"rooms\",liveroom=\"a\",uid=\"u\",room_id=\"6\"} 1\n",
           "kube_liveroom_created{namespace=\"rooms\",liveroom=\"a\"} 1700000000\n",
           "kube_liveroom_status_condition{namespace=\"rooms\",liveroom=\"a\",condition=\"Ready\",status="
           "\"true\",reason=\"Ready\"} 1\n",
           "kube_liveroom_status_condition{namespace=\"rooms\",liveroom=\"a\",condition=\"Live\",status="
           "\"unknown\",reason=\"Pending\"} 1\n",
       })
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  store_.scope("").removed(json);
  EXPECT_EQ(state_metrics(store_).find("rooms"), std::string::npos);
}

}  // namespace
}  // namespace live::controller
