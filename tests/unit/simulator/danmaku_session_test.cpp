// SPDX-License-Identifier: Apache-2.0
#include "simulator/danmaku_session.hpp"

#include <gtest/gtest.h>

#include <set>

#include "site.hpp"

namespace live::simulator {
namespace {

using namespace test;
using namespace std::chrono_literals;

class DanmakuTest : public ::testing::Test {
 protected:
  // Reads frames into `packets` until the connection ends.
  awaitable<void> collect() {
    while (true) {
      const Bytes frame = co_await client.read();
      if (frame.empty()) break;
      frames.push_back(frame);
      for (Packet& packet : decode_frame(frame)) packets.push_back(std::move(packet));
    }
    ended = true;
  }
  bool open() {
    opened_ = site.loop.run_real(client.open(site.port()));
    ended = false;
    packets.clear();
    if (opened_) asio::co_spawn(site.loop.io, collect(), [](std::exception_ptr) {});
    return opened_;
  }
  void send(std::uint32_t operation, const std::string& body) {
    site.loop.run_real(client.send(client_packet(operation, body)));
  }
  void authenticate(const std::string& token, int protover = 3, std::int64_t room = room_id) {
    const Json auth = {{"uid", 0},     {"roomid", room},    {"protover", protover},
                       {"key", token}, {"platform", "web"}, {"type", 2}};
    send(7, dump_json(auth));
  }
  void join(int protover = 3) {
    ASSERT_TRUE(open());
    authenticate(site.token(), protover);
    site.loop.run_until([&] { return packets.size() >= 2; });
    ASSERT_EQ(packets[0].operation, 8u);
    ASSERT_EQ(packets[0].body, "{\"code\":0}");
    packets.clear();
  }
  std::string command_of(std::size_t index) {
    return json_string(json_at(parse_json(packets.at(index).body), "/cmd")).value_or("");
  }
  void wait_for_packets(std::size_t count) {
    site.loop.run_until([&] { return packets.size() >= count; });
  }
  void wait_for_end() {
    site.loop.run_until([&] { return ended && site.room().danmaku.empty(); });
  }
  Json record() { return site.control("GET", "/rooms/3")["connections"].at(0); }

  ~DanmakuTest() override {
    if (opened_ && !ended) leave();
  }
  void leave() {
    const std::set<DanmakuPeer*> peers = site.room().danmaku;
    for (DanmakuPeer* peer : peers) peer->drop(DropKind::cut);
    wait_for_end();
  }

  Site site;
  DanmakuClient client;
  std::vector<Bytes> frames;
  std::vector<Packet> packets;
  bool ended = false;

 private:
  bool opened_ = false;
};

TEST_F(DanmakuTest, AWrongTokenIsAnsweredAndClosed) {
  ASSERT_TRUE(open());
  authenticate("wrong");
  wait_for_end();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].operation, 8u);
  EXPECT_EQ(packets[0].body, "{\"code\":-101}");
}

TEST_F(DanmakuTest, ATokenIsGoodForItsRoomOnly) {
  site.control("POST", "/rooms", {{"roomId", 5440}});
  const std::string token = site.token();
  ASSERT_TRUE(open());
  authenticate(token, 3, 5440);
  wait_for_end();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].body, "{\"code\":-101}");
}

TEST_F(DanmakuTest, NoAuthWithinFiveSecondsIsTheEnd) {
  ASSERT_TRUE(open());
  site.pass(4900ms);
  EXPECT_FALSE(ended);
  site.pass(200ms);
  wait_for_end();
  EXPECT_TRUE(packets.empty());
}

TEST_F(DanmakuTest, AnythingBeforeAuthIsTheEnd) {
  ASSERT_TRUE(open());
  send(2, "");
  wait_for_end();
  EXPECT_TRUE(packets.empty());
}

TEST_F(DanmakuTest, HeartbeatsAreAnsweredAndKeepTheConnection) {
  join();
  for (int i = 0; i < 5; ++i) {
    site.pass(30s);
    send(2, "[object Object]");
    wait_for_packets(static_cast<std::size_t>(i) + 1);
    EXPECT_EQ(frames.back().size(), 35u);
    EXPECT_EQ(packets.back().operation, 3u);
  }
  EXPECT_EQ(record()["heartbeats"], 5);
  site.pass(69s);
  EXPECT_FALSE(ended);
  site.pass(2s);
  wait_for_end();
  EXPECT_EQ(record()["end"], "no heartbeat");
}

TEST_F(DanmakuTest, AShowIsToldFromBeginningToEnd) {
  join();
  site.control("POST", "/rooms/3/live", {{"pushDelaySeconds", 2}});
  wait_for_packets(1);
  const Json first = parse_json(packets[0].body);
  EXPECT_EQ(first["live_time"], site.now_seconds());
  site.pass(2100ms);
  wait_for_packets(2);
  const Json second = parse_json(packets[1].body);
  EXPECT_EQ(second["cmd"], "LIVE");
  EXPECT_EQ(second["live_key"], first["live_key"]);
  EXPECT_FALSE(second.contains("live_time"));
  site.control("POST", "/rooms/3/change", {{"title", "新标题"}});
  site.control("POST", "/rooms/3/warning");
  site.control("POST", "/rooms/3/stop", {{"rotation", true}});
  wait_for_packets(5);
  EXPECT_EQ(parse_json(packets[2].body)["data"]["title"], "新标题");
  EXPECT_EQ(command_of(3), "WARNING");
  EXPECT_EQ(parse_json(packets[4].body)["round"], 1);
}

TEST_F(DanmakuTest, FramesHoldSeveralPacketsInTheAskedCompression) {
  for (const int protover : {0, 2, 3}) {
    join(protover);
    frames.clear();
    site.control("POST", "/rooms/3/message", {{"text", "多条"}, {"count", 50}});
    wait_for_packets(50);
    EXPECT_LT(frames.size(), 5u);
    EXPECT_EQ(load_u16(frames[0].data() + 6), protover);
    EXPECT_EQ(parse_json(packets[49].body)["info"][1], "多条");
    leave();
  }
}

TEST_F(DanmakuTest, ChatComesAtItsRate) {
  join();
  site.control("POST", "/rooms/3/chat", {{"perSecond", 200}, {"seconds", 3}});
  site.pass(1s);
  EXPECT_NEAR(static_cast<double>(packets.size()), 200, 10);
  site.pass(5s);
  wait_for_packets(600);
  EXPECT_EQ(packets.size(), 600u);
  std::set<std::string> texts;
  for (const Packet& packet : packets) texts.insert(parse_json(packet.body)["info"][1].get<std::string>());
  EXPECT_EQ(texts.size(), 600u);
}

TEST_F(DanmakuTest, AHalfOpenConnectionSaysNothing) {
  join();
  site.control("POST", "/rooms/3/danmaku", {{"do", "halfOpen"}});
  site.control("POST", "/rooms/3/message", {{"text", "x"}});
  send(2, "");
  site.pass(200s);
  EXPECT_TRUE(packets.empty());
  EXPECT_FALSE(ended);
}

TEST_F(DanmakuTest, FaultsOfTheSocket) {
  site.control("POST", "/rooms/3/faults",
               {{"danmaku", Json::array({{{"refuse", 503}}, {{"authCode", -101}}, {{"close", true}}})}});
  const std::string token = site.token();
  EXPECT_FALSE(open());
  ASSERT_TRUE(open());
  authenticate(token);
  wait_for_end();
  ASSERT_EQ(packets.size(), 1u);
  EXPECT_EQ(packets[0].body, "{\"code\":-101}");
  ASSERT_TRUE(open());
  authenticate(token);
  wait_for_end();
  EXPECT_TRUE(packets.empty());
  join();
}

TEST_F(DanmakuTest, DroppedConnectionsAreReported) {
  join();
  site.control("POST", "/rooms/3/danmaku", {{"do", "close"}});
  wait_for_end();
  EXPECT_EQ(record()["end"], "closed");
  EXPECT_EQ(site.control("GET", "/rooms/3")["danmaku"], Json({{"now", 0}, {"total", 1}}));
}

}  // namespace
}  // namespace live::simulator
