// SPDX-License-Identifier: Apache-2.0
#include "kube/event_series.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

Event event(const std::string& reason = "PodCreated", const std::string& note = "made it") {
  Event made;
  made.reason = reason;
  made.action = "Create";
  made.note = note;
  made.regarding = {"liveroom.dev/v1alpha1", "LiveRoom", {"rooms", "a"}, "u-1"};
  return made;
}

struct EventSeriesTest : testing::Test {
  Random random{7};
  EventSeries series;
  TimePoint now{1h};
  WallTime wall{1'700'000'000s};

  std::optional<EventWrite> add(Event made) { return series.add(std::move(made), now, wall, random); }
  void pass(Duration length) {
    now += length;
    wall += std::chrono::duration_cast<WallTime::duration>(length);
  }
};

TEST_F(EventSeriesTest, TheFirstIsCreatedTheSecondCountsAndTheRestWaitTheirTurn) {
  const auto first = add(event());
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->create);
  EXPECT_EQ(first->key.ns, "rooms");
  EXPECT_EQ(first->key.name.substr(0, 2), "a.");
  EXPECT_EQ(first->key.name.size(), 2u + 16);
  pass(1s);
  const auto second = add(event("PodCreated", "another note"));
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->create);
  EXPECT_EQ(second->key, first->key);
  EXPECT_EQ(second->count, 2);
  for (int i = 0; i < 100; ++i) {
    pass(1s);
    EXPECT_FALSE(add(event()));
  }
  EXPECT_EQ(series.next_due(), TimePoint{1h} + 1s + 6min);
  now = series.next_due();
  const std::vector<EventWrite> due = series.due(now);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].count, 102);
  EXPECT_EQ(due[0].time, wall);
  EXPECT_EQ(series.next_due(), TimePoint::max());
}

TEST_F(EventSeriesTest, AnEventEachSecondForAnHourIsElevenWrites) {
  int writes = 0;
  for (int i = 0; i < 3600; ++i) {
    writes += add(event()) ? 1 : 0;
    writes += static_cast<int>(series.due(now).size());
    pass(1s);
  }
  EXPECT_LE(writes, 2 + 10);
  EXPECT_GE(writes, 2 + 8);
}

TEST_F(EventSeriesTest, AfterAQuietTimeItIsANewEvent) {
  const auto first = add(event());
  pass(6min);
  const auto later = add(event());
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->create);
  EXPECT_NE(later->key, first->key);
}

TEST_F(EventSeriesTest, DifferentEventsAreDifferentSeries) {
  add(event());
  EXPECT_TRUE(add(event("Other"))->create);
  Event other = event();
  other.type = EventType::warning;
  EXPECT_TRUE(add(other)->create);
  other = event();
  other.regarding.uid = "u-2";
  EXPECT_TRUE(add(other)->create);
  other = event();
  other.related = ObjectReference{"v1", "Pod", {"rooms", "p"}, "u-9"};
  EXPECT_TRUE(add(other)->create);
  EXPECT_EQ(series.size(), 5u);
}

TEST_F(EventSeriesTest, WhatIsOverIsForgotten) {
  for (int i = 0; i < 100; ++i) add(event("R" + std::to_string(i)));
  pass(6min);
  EXPECT_TRUE(series.due(now).empty());
  EXPECT_EQ(series.size(), 0u);
}

TEST_F(EventSeriesTest, IsBounded) {
  for (std::size_t i = 0; i < EventSeries::max_series + 100; ++i) add(event("R" + std::to_string(i)));
  EXPECT_EQ(series.size(), EventSeries::max_series);
  EXPECT_TRUE(add(event("R0"))->create);
}

TEST_F(EventSeriesTest, AnEventThatIsNotThereIsMadeAnew) {
  const auto first = add(event());
  series.forget(first->key);
  series.forget({"rooms", "none"});
  EXPECT_TRUE(add(event())->create);
}

TEST_F(EventSeriesTest, BodiesAreWhatTheServerValidates) {
  Event made = event(std::string(200, 'R'), std::string(1023, 'n') + "直播");
  made.type = EventType::warning;
  made.related = ObjectReference{"v1", "Pod", {"rooms", "p"}, ""};
  const auto first = add(made);
  const Json json = event_json(*first, {"liveroom.dev/controller", "pod-1"});
  EXPECT_EQ(json["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(json["kind"], "Event");
  EXPECT_EQ(json["eventTime"], "2023-11-14T22:13:20.000000Z");
  EXPECT_EQ(json["type"], "Warning");
  EXPECT_EQ(json["reason"].get<std::string>().size(), 128u);
  EXPECT_EQ(json["note"], std::string(1023, 'n'));
  EXPECT_EQ(json["reportingController"], "liveroom.dev/controller");
  EXPECT_EQ(json["reportingInstance"], "pod-1");
  EXPECT_EQ(json["regarding"],
            parse_json(R"({"apiVersion":"liveroom.dev/v1alpha1","kind":"LiveRoom","name":"a",
                                              "namespace":"rooms","uid":"u-1"})"));
  EXPECT_EQ(json["related"]["name"], "p");
  EXPECT_FALSE(json["related"].contains("uid"));
  pass(1s);
  EXPECT_EQ(series_json(*add(made)),
            parse_json(R"({"series":{"count":2,"lastObservedTime":"2023-11-14T22:13:21.000000Z"}})"));
}

TEST_F(EventSeriesTest, LongNamesAndClusterScopedObjectsFit) {
  Event made = event();
  made.regarding.key = {"", std::string(253, 'x')};
  const auto first = add(made);
  EXPECT_EQ(first->key.ns, "default");
  EXPECT_EQ(first->key.name.size(), 253u);
}

}  // namespace
}  // namespace live::kube
