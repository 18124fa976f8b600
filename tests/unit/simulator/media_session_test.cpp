// SPDX-License-Identifier: Apache-2.0
#include "simulator/media_session.hpp"

#include <gtest/gtest.h>

#include "site.hpp"

namespace live::simulator {
namespace {

using namespace test;
using namespace std::chrono_literals;

class MediaTest : public ::testing::Test {
 protected:
  int open(StreamClient& stream, const std::string& target) {
    const int status = site.loop.run_real(stream.open(site.port(), target));
    if (status == 200) asio::co_spawn(site.loop.io, stream.read_all(), [](std::exception_ptr) {});
    return status;
  }
  // The stream as received; its media timestamps count from the first one.
  FlvSource received(const StreamClient& stream) {
    const std::string body = stream.body();
    auto source = FlvSource::parse(Bytes(body.begin(), body.end()));
    EXPECT_TRUE(source) << source.error().message;
    return std::move(source.value());
  }
  Json connection(std::size_t index = 0) { return site.control("GET", "/rooms/3")["connections"].at(index); }
  std::vector<Json> sent_tags(const Json& record) {
    const HttpAnswer answer = site.loop.run_real(call(
        site.simulator().control_port(), "GET", "/rooms/3/connections/" + record["id"].dump() + "/tags"));
    std::vector<Json> tags;
    std::size_t at = 0;
    while (at < answer.body.size()) {
      const std::size_t end = answer.body.find('\n', at);
      tags.push_back(parse_json(answer.body.substr(at, end - at)));
      at = end + 1;
    }
    return tags;
  }
  void stop_and_wait(StreamClient& stream) {
    site.control("POST", "/rooms/3/stop", {{"drainSeconds", 0.5}});
    site.pass(600ms);
    site.loop.run_until([&] { return stream.ended() && site.room().media.empty(); });
  }

  Site site;
  StreamClient client;
};

TEST_F(MediaTest, WhatIsReceivedIsAGaplessRunOfTheSource) {
  site.control("POST", "/rooms/3/live", {{"timestampBase", 16777000}});
  const std::string target = site.stream_target();
  site.pass(1030ms);
  ASSERT_EQ(open(client, target), 200);
  site.pass(3s);
  stop_and_wait(client);
  EXPECT_TRUE(client.whole());

  const FlvSource stream = received(client);
  const FlvSource& file = site.room().state.show->timeline.source();
  EXPECT_TRUE(stream.script() && stream.video_header() && stream.audio_header());
  const std::vector<Json> tags = sent_tags(connection());
  ASSERT_EQ(tags.size(), stream.media().size() + 3);
  // The last key frame at 1030 ms was that of 1000 ms; the end was at 1030 + 3000 + 500 ms.
  EXPECT_EQ(tags[3]["timestamp"], 16777000 + 1000);
  EXPECT_GE(tags.back()["timestamp"].get<int>(), 16777000 + 4500);
  std::size_t index = tags[3]["index"];
  for (std::size_t i = 0; i < stream.media().size(); ++i, index = (index + 1) % file.media().size()) {
    EXPECT_EQ(stream.media()[i].hash, file.media()[index].hash);
    EXPECT_EQ(tags[i + 3]["index"], index);
    EXPECT_EQ(tags[i + 3]["timestamp"], 16777000 + 1000 + stream.media()[i].timestamp);
  }
  const Json record = connection();
  EXPECT_EQ(record["tags"], stream.media().size());
  EXPECT_EQ(record["end"], "end of show");
  EXPECT_EQ(record["firstTag"]["mediaMs"], tags[3]["timestamp"]);
  EXPECT_EQ(record["lastTag"],
            Json({{"mediaMs", tags.back()["timestamp"]}, {"wallMs", tags.back()["wallMs"]}}));
}

TEST_F(MediaTest, TagsComeAtTheirTimes) {
  site.control("POST", "/rooms/3/live");
  ASSERT_EQ(open(client, site.stream_target()), 200);
  site.pass(2s);
  for (const Json& tag : sent_tags(connection())) {
    if (tag["header"] == true) continue;
    const std::int64_t time = tag["timestamp"].get<std::int64_t>() - site.room().state.show->timestamp_base;
    const std::int64_t late =
        tag["wallMs"].get<std::int64_t>() - to_ms(site.room().state.show->started) - time;
    EXPECT_GE(late, 0);
    EXPECT_LE(late, 40) << time;
  }
}

TEST_F(MediaTest, AllConnectionsSeeTheSameTimeline) {
  site.control("POST", "/rooms/3/live");
  const std::string target = site.stream_target();
  StreamClient second;
  ASSERT_EQ(open(client, target), 200);
  site.pass(730ms);
  ASSERT_EQ(open(second, target), 200);
  site.pass(500ms);
  stop_and_wait(client);
  site.loop.run_until([&] { return second.ended(); });
  const std::vector<Json> a = sent_tags(connection(0)), b = sent_tags(connection(1));
  ASSERT_GT(b.size(), 10u);
  ASSERT_GT(a.size(), b.size());
  for (std::size_t i = 1; i < b.size() - 3; ++i) {
    Json ours = a[a.size() - i], other = b[b.size() - i];
    ours.erase("wallMs");
    other.erase("wallMs");
    EXPECT_EQ(ours, other);
  }
}

TEST_F(MediaTest, NothingBeforeThePushAndAfterTheEnd) {
  site.control("POST", "/rooms/3/live", {{"pushDelaySeconds", 5}});
  const std::string target = site.stream_target();
  StreamClient late, other;
  EXPECT_EQ(open(client, target), 404);
  site.pass(5100ms);
  ASSERT_EQ(open(late, target), 200);
  site.control("POST", "/rooms/3/stop", {{"drainSeconds", 2}});
  site.pass(1900ms);
  EXPECT_FALSE(late.ended());
  site.pass(200ms);
  site.loop.run_until([&] { return late.ended(); });
  EXPECT_TRUE(late.whole());
  EXPECT_EQ(open(other, target), 404);
}

TEST_F(MediaTest, AddressesExpireForOpeningOnly) {
  site.control("POST", "/rooms", {{"roomId", room_id}, {"urlSeconds", 10}});
  site.control("POST", "/rooms/3/live");
  const std::string target = site.stream_target();
  ASSERT_EQ(open(client, target), 200);
  site.pass(12s);
  EXPECT_FALSE(client.ended());
  StreamClient other;
  EXPECT_EQ(open(other, target), 403);
  EXPECT_EQ(open(other, target.substr(0, target.find("&sign="))), 403);
}

TEST_F(MediaTest, DropsEndAsAsked) {
  site.control("POST", "/rooms/3/live");
  const std::string target = site.stream_target();
  for (const char* how : {"close", "cut", "reset"}) {
    StreamClient one;
    ASSERT_EQ(open(one, target), 200);
    site.pass(200ms);
    site.control("POST", "/rooms/3/drop", {{"how", how}});
    site.pass(100ms);
    site.loop.run_until([&] { return one.ended() && site.room().media.empty(); });
    EXPECT_EQ(one.whole(), std::string(how) == "close") << how;
    EXPECT_EQ(one.was_reset(), std::string(how) == "reset") << how;
  }
}

TEST_F(MediaTest, AStallIsMadeUpOrLost) {
  site.control("POST", "/rooms/3/live");
  ASSERT_EQ(open(client, site.stream_target()), 200);
  site.pass(400ms);
  for (const bool lose : {false, true}) {
    site.control("POST", "/rooms/3/stall", {{"seconds", 3}, {"lose", lose}});
    site.pass(20ms);
    const std::size_t before = client.body().size();
    site.pass(2900ms);
    EXPECT_EQ(client.body().size(), before);
    site.pass(500ms);
    const std::vector<Json> tags = sent_tags(connection());
    std::int64_t largest_step = 0;
    for (std::size_t i = 4; i < tags.size(); ++i)
      largest_step = std::max(largest_step, tags[i]["timestamp"].get<std::int64_t>() -
                                                tags[i - 1]["timestamp"].get<std::int64_t>());
    EXPECT_NEAR(static_cast<double>(largest_step), lose ? 3000 : 20, lose ? 60 : 20);
  }
}

TEST_F(MediaTest, AStallCanTrickle) {
  site.control("POST", "/rooms/3/live");
  ASSERT_EQ(open(client, site.stream_target()), 200);
  site.pass(400ms);
  site.control("POST", "/rooms/3/stall", {{"seconds", 10}, {"trickle", true}});
  site.pass(50ms);
  const std::size_t before = client.body().size();
  site.pass(4s);
  EXPECT_NEAR(static_cast<double>(client.body().size() - before), 16, 2);
  site.control("POST", "/rooms/3/resume");
  site.pass(500ms);
  stop_and_wait(client);
  EXPECT_EQ(received(client).media().size() + 3, sent_tags(connection()).size());
}

TEST_F(MediaTest, FaultsOfOpening) {
  site.control("POST", "/rooms/3/live", {{"timestampBase", 5000}});
  const Json faults = Json::array({{{"status", 502}},
                                   {{"html", true}},
                                   {{"reset", true}},
                                   {{"redirect", true}},
                                   {{"timestampBase", 4294967000}}});
  site.control("POST", "/rooms/3/faults", {{"media", faults}});
  const std::string target = site.stream_target();
  EXPECT_EQ(site.get(target).status, 502);
  const HttpAnswer page = site.get(target);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.head.find("text/html"), std::string::npos);
  EXPECT_EQ(site.get(target).status, 0);
  const HttpAnswer moved = site.get(target);
  EXPECT_EQ(moved.status, 302);
  EXPECT_NE(moved.head.find("Location: /redirected" + target), std::string::npos);
  ASSERT_EQ(open(client, "/redirected" + target), 200);
  site.pass(600ms);
  EXPECT_EQ(connection()["firstTag"]["mediaMs"], 4294967000u);
  EXPECT_LT(connection()["lastTag"]["mediaMs"].get<std::uint32_t>(), 1000u) << "it wraps";
}

TEST_F(MediaTest, WithoutACacheConnectionsDoNotOverlap) {
  site.control("POST", "/rooms/3/live");
  const Json faults = Json::array({{{"noCache", true}, {"randomBase", true}, {"count", -1}}});
  site.control("POST", "/rooms/3/faults", {{"media", faults}});
  const std::string target = site.stream_target();
  ASSERT_EQ(open(client, target), 200);
  site.pass(1030ms);
  site.control("POST", "/rooms/3/drop", {{"how", "close"}});
  site.loop.run_until([&] {
    site.pass(10ms);
    return client.ended();
  });
  StreamClient second;
  ASSERT_EQ(open(second, target), 200);
  site.pass(300ms);
  // The report lists the open one first.
  const std::vector<Json> after = sent_tags(connection(0)), before = sent_tags(connection(1));
  ASSERT_GT(after.size(), 4u);
  EXPECT_TRUE(after[3]["key"]);
  const auto number = [](const Json& tag) { return tag["loop"].get<int>() * 1000 + tag["index"].get<int>(); };
  EXPECT_GT(number(after[3]), number(before.back()));
  EXPECT_NE(after[3]["timestamp"].get<std::int64_t>() - before.back()["timestamp"].get<std::int64_t>(), 0);
}

TEST_F(MediaTest, FlatOutSendsItsBytesAndEnds) {
  site.control("POST", "/rooms/3/live");
  ASSERT_EQ(open(client, "/direct/23058.flv?pace=0&bytes=300000"), 200);
  site.loop.run_until([&] { return client.ended(); });
  EXPECT_TRUE(client.whole());
  EXPECT_NEAR(static_cast<double>(client.body().size()), 300000, 300);
  EXPECT_GT(received(client).media().size(), 5000u);
}

TEST_F(MediaTest, OldTagRecordsAreForgotten) {
  Options options;
  options.tag_records = 100;
  Site small(options);
  small.control("POST", "/rooms/3/live");
  const HttpAnswer stream = small.get("/direct/3.flv?pace=0&bytes=100000");
  EXPECT_EQ(stream.status, 200);
  EXPECT_EQ(small.world().connections.tags().size(), 100u);
  EXPECT_GT(small.world().connections.forgotten_tags(), 1000u);
}

}  // namespace
}  // namespace live::simulator
