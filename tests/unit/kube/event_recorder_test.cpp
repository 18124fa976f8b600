// SPDX-License-Identifier: Apache-2.0
#include "kube/event_recorder.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "kube/rest_client.hpp"
#include "scripted_api.hpp"
#include "support/loop.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct EventRecorderTest : testing::Test {
  live::test::Loop loop;
  test::ScriptedApi api{loop.clock};
  Metrics metrics;
  Random random{7};
  RestClient client{
      api, api, loop.clock, metrics, TokenSource("", ""), {net::parse_url("http://host").value(), 30s}};
  EventRecorder recorder{loop.executor(), client,  loop.clock,
                         random,          metrics, {"liveroom.dev/controller", "pod-1"}};
  TaskGroup group{loop.executor()};
  test::Reply reply{201, "{}", {}, {}, {}};

  EventRecorderTest() {
    api.on_request = [this](const net::HttpRequest&) { return reply; };
  }
  ~EventRecorderTest() override {
    group.request_stop();
    loop.run(group.join());
  }
  void start() {
    group.spawn(recorder.run(group.token()));
    loop.poll();
  }
  void record(const std::string& reason = "PodCreated") {
    Event event;
    event.reason = reason;
    event.action = "Create";
    event.note = "made pod a-recorder";
    event.regarding = {"liveroom.dev/v1alpha1", "LiveRoom", {"rooms", "a"}, "u-1"};
    recorder.record(std::move(event));
    loop.poll();
  }
  bool has(const std::string& line) const { return metrics.text().find(line) != std::string::npos; }
};

TEST_F(EventRecorderTest, CreatesAnEventAndCountsItsRepetitions) {
  start();
  record();
  ASSERT_EQ(api.requests.size(), 1u);
  EXPECT_EQ(api.requests[0].method, "POST");
  EXPECT_EQ(api.requests[0].url.target.find("/apis/events.k8s.io/v1/namespaces/rooms/events"), 0u);
  EXPECT_EQ(parse_json(api.requests[0].body)["reason"], "PodCreated");
  record();
  ASSERT_EQ(api.requests.size(), 2u);
  EXPECT_EQ(api.requests[1].method, "PATCH");
  EXPECT_EQ(parse_json(api.requests[1].body)["series"]["count"], 2);
  for (int i = 0; i < 50; ++i) record();
  EXPECT_EQ(api.requests.size(), 2u);
  loop.advance(6min);
  ASSERT_EQ(api.requests.size(), 3u);
  EXPECT_EQ(parse_json(api.requests[2].body)["series"]["count"], 52);
  EXPECT_TRUE(has("kube_events_sent_total 3"));
}

TEST_F(EventRecorderTest, WaitsForAServerThatIsAwayAndSendsInOrder) {
  reply = {0, "", {}, 0s, asio::error::connection_refused};
  start();
  record("One");
  record("Two");
  loop.advance(30s);
  reply = {201, "{}", {}, {}, {}};
  api.requests.clear();
  loop.advance(30s);
  ASSERT_EQ(api.requests.size(), 2u);
  EXPECT_EQ(parse_json(api.requests[0].body)["reason"], "One");
  EXPECT_EQ(parse_json(api.requests[1].body)["reason"], "Two");
  EXPECT_TRUE(has("kube_events_dropped_total 0"));
}

TEST_F(EventRecorderTest, AfterTwelveTriesAnEventIsDropped) {
  reply = {503, "{}", {}, {}, {}};
  start();
  record();
  loop.advance(10min);
  EXPECT_EQ(api.requests.size(), 12u);
  EXPECT_TRUE(has("kube_events_dropped_total 1"));
}

TEST_F(EventRecorderTest, ARefusalIsFinalAndTheNextIsANewEvent) {
  reply = {403, R"({"kind":"Status","reason":"Forbidden"})", {}, {}, {}};
  start();
  record();
  loop.advance(1min);
  EXPECT_EQ(api.requests.size(), 1u);
  EXPECT_TRUE(has("kube_events_dropped_total 1"));
  reply = {201, "{}", {}, {}, {}};
  record();
  EXPECT_EQ(api.requests.back().method, "POST");
}

TEST_F(EventRecorderTest, ASeriesWhoseObjectIsGoneStartsAnew) {
  start();
  record();
  reply = {404, R"({"kind":"Status","reason":"NotFound"})", {}, {}, {}};
  record();
  reply = {201, "{}", {}, {}, {}};
  record();
  ASSERT_EQ(api.requests.size(), 3u);
  EXPECT_EQ(api.requests[1].method, "PATCH");
  EXPECT_EQ(api.requests[2].method, "POST");
}

TEST_F(EventRecorderTest, TheQueueIsBounded) {
  for (std::size_t i = 0; i < EventRecorder::max_queue + 5; ++i) record("R" + std::to_string(i));
  EXPECT_TRUE(has("kube_events_dropped_total 5"));
  start();
  EXPECT_EQ(api.requests.size(), EventRecorder::max_queue);
}

TEST_F(EventRecorderTest, AStopSendsWhatIsWaitingButNotForLong) {
  start();
  reply.delay = 1s;
  for (int i = 0; i < 10; ++i) record("R" + std::to_string(i));
  group.request_stop();
  loop.advance(3s);
  EXPECT_EQ(group.running(), 0);
  EXPECT_GE(api.requests.size(), 3u);
  EXPECT_LE(api.requests.size(), 4u);
}

}  // namespace
}  // namespace live::kube
