// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/danmaku_session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "base/stop.hpp"
#include "unit/bilibili/fake_service.hpp"
#include "unit/bilibili/packet_builder.hpp"

namespace live::bilibili {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Events final : SessionListener {
  void on_danmaku_connected() override { ++connected; }
  void on_danmaku_disconnected(SessionEnd reason) override { ends.push_back(reason); }
  bool wants_chat() const override { return chat_wanted; }
  void on_danmaku_message(const Message& message, std::string_view json) override {
    chat_read += std::holds_alternative<Danmaku>(message.content) ? 1 : 0;
    commands.push_back(message.command);
    texts.emplace_back(json);
  }
  bool chat_wanted = false;
  int chat_read = 0;
  int connected = 0;
  std::vector<SessionEnd> ends;
  std::vector<std::string> commands;
  std::vector<std::string> texts;
};

class DanmakuSessionTest : public ::testing::Test {
 protected:
  void start() {
    asio::co_spawn(loop.io, session.run(stop.get_token()), [this](std::exception_ptr error) {
      ended = true;
      outcome = error;
    });
    loop.poll();
  }
  void TearDown() override {
    if (ended) return;
    stop.request_stop();
    loop.poll();
    ASSERT_TRUE(ended);
    EXPECT_THROW(std::rethrow_exception(outcome), Stopped);
  }
  std::vector<Operation> sent(std::size_t connection) const {
    std::vector<Operation> list;
    for (const Bytes& message : service.sockets.peers.at(connection)->sent) {
      list.push_back(decode_frame(message).packets.at(0).operation);
    }
    return list;
  }

  live::test::Loop loop;
  test::FakeService service{loop};
  ApiClient api{loop.executor(), service.http, loop.clock, ApiOptions(), Random(1)};
  Events events;
  DanmakuSession session{loop.executor(), loop.clock, api, service.sockets, Random(1), events, 23058};
  std::stop_source stop;
  bool ended = false;
  std::exception_ptr outcome;
};

TEST_F(DanmakuSessionTest, ConnectsAuthenticatesAndBeats) {
  start();
  EXPECT_EQ(events.connected, 1);
  ASSERT_EQ(service.sockets.peers.size(), 1u);
  const net::WebSocketOptions& options = service.newest_peer().options;
  EXPECT_EQ(options.url.scheme, "wss");
  EXPECT_EQ(options.url.port, 2245);
  EXPECT_EQ(options.url.target, "/sub");
  EXPECT_EQ(options.headers.get("User-Agent"), std::string(default_user_agent));
  EXPECT_EQ(options.headers.get("Cookie"), std::nullopt);
  EXPECT_EQ(sent(0), (std::vector<Operation>{Operation::auth, Operation::heartbeat}));
  loop.advance(seconds(95));
  EXPECT_EQ(sent(0).size(), 5u);
  loop.advance(hours(24));
  EXPECT_EQ(service.sockets.peers.size(), 1u);
  EXPECT_TRUE(events.ends.empty());
}

TEST_F(DanmakuSessionTest, HandsMessagesOn) {
  start();
  const std::string comment = R"({"cmd":"DANMU_MSG:4:0","info":[[],"hello"]})";
  service.newest_peer().push(test::packet(
      Operation::message, BodyVersion::brotli,
      test::brotli(
          test::joined({test::plain_message(comment), test::plain_message(R"({"cmd":"WATCHED_CHANGE"})"),
                        test::plain_message(R"({"cmd":"NEVER_HEARD_OF"})"), test::plain_message("junk"),
                        test::plain_message(R"({"cmd":"LIVE"})")}))));
  loop.poll();
  EXPECT_EQ(events.commands,
            (std::vector<std::string>{"DANMU_MSG", "WATCHED_CHANGE", "NEVER_HEARD_OF", "LIVE"}));
  EXPECT_EQ(events.texts[0], comment);
  EXPECT_EQ(session.messages().known, 3u);
  EXPECT_EQ(session.messages().unknown, 1u);
  EXPECT_EQ(session.messages().malformed, 1u);
}

TEST_F(DanmakuSessionTest, ReadsChatWhileItIsWanted) {
  start();
  const Bytes comment = test::plain_message(R"({"cmd":"DANMU_MSG","info":[[],"hello"]})");
  service.newest_peer().push(comment);
  loop.poll();
  EXPECT_EQ(events.chat_read, 0);
  events.chat_wanted = true;
  service.newest_peer().push(comment);
  loop.poll();
  EXPECT_EQ(events.chat_read, 1);
  EXPECT_EQ(session.messages().known, 2u);
}

TEST_F(DanmakuSessionTest, ComesBackAfterALoss) {
  start();
  loop.advance(minutes(10));
  service.newest_peer().close();
  loop.advance(seconds(2));
  EXPECT_EQ(events.connected, 2);
  EXPECT_EQ(events.ends, std::vector<SessionEnd>{SessionEnd::closed});
  EXPECT_NE(service.sockets.attempts[0].host, service.sockets.attempts[1].host);
}

TEST_F(DanmakuSessionTest, NoticesAHalfOpenConnection) {
  start();
  loop.advance(minutes(10));
  service.answers_heartbeats = false;
  loop.advance(seconds(75) + seconds(2) + SessionMachine::heartbeat_interval);
  service.answers_heartbeats = true;
  EXPECT_EQ(events.ends, std::vector<SessionEnd>{SessionEnd::silent});
  loop.advance(seconds(5));
  EXPECT_EQ(events.connected, 2);
  EXPECT_TRUE(service.sockets.peers[0]->closed);
}

TEST_F(DanmakuSessionTest, NoAnswerToAuthIsAFailure) {
  service.auth_reply.clear();
  start();
  loop.advance(seconds(9));
  EXPECT_TRUE(events.ends.empty());
  loop.advance(seconds(1));
  EXPECT_EQ(events.ends, std::vector<SessionEnd>{SessionEnd::auth_timeout});
  service.auth_reply = R"({"code":0})";
  loop.advance(seconds(10));
  EXPECT_EQ(events.connected, 1);
}

TEST_F(DanmakuSessionTest, ARefusedTokenIsReplaced) {
  service.auth_reply = R"({"code":-101})";
  start();
  EXPECT_EQ(events.ends, std::vector<SessionEnd>{SessionEnd::auth_refused});
  service.auth_reply = R"({"code":0})";
  loop.advance(seconds(5));
  EXPECT_EQ(events.connected, 1);
  EXPECT_EQ(service.http.count(test::danmu_info_path), 2u);
}

TEST_F(DanmakuSessionTest, AFailedWriteEndsTheConnection) {
  start();
  loop.advance(minutes(2));
  service.newest_peer().deaf = true;
  loop.advance(seconds(40));
  EXPECT_EQ(events.ends, std::vector<SessionEnd>{SessionEnd::write_failed});
  EXPECT_EQ(events.connected, 2);
}

TEST_F(DanmakuSessionTest, RefusedConnectionsAreTriedGently) {
  service.sockets.accepts = [](const net::Url&) { return false; };
  start();
  loop.advance(hours(1));
  EXPECT_LE(service.sockets.attempts.size(), 40u);
  EXPECT_GE(service.sockets.attempts.size(), 20u);
  EXPECT_LE(service.http.count(test::danmu_info_path), service.sockets.attempts.size());
  EXPECT_EQ(events.connected, 0);
  EXPECT_EQ(events.ends.size(), service.sockets.attempts.size());
}

TEST_F(DanmakuSessionTest, WaitsForTheBreaker) {
  service.status = 412;
  start();
  loop.advance(minutes(119));
  std::size_t tries = service.http.count(test::danmu_info_path) + service.http.count(test::spi_path) +
                      service.http.count(test::nav_path);
  EXPECT_LE(tries, 12u);
  EXPECT_EQ(events.ends.at(0), SessionEnd::token_failed);
  service.status = 0;
  loop.advance(hours(1));
  EXPECT_EQ(events.connected, 1);
}

TEST_F(DanmakuSessionTest, StopsInEveryState) {
  service.http.latency = seconds(1);
  start();
  for (int step = 0; step < 60; ++step) {
    live::test::Loop other;
    test::FakeService fake(other);
    fake.http.latency = seconds(1);
    fake.answers_heartbeats = step % 2 == 0;
    ApiClient client(other.executor(), fake.http, other.clock, ApiOptions(), Random(1));
    Events ignored;
    DanmakuSession one(other.executor(), other.clock, client, fake.sockets, Random(1), ignored, 23058);
    std::stop_source source;
    bool done = false;
    asio::co_spawn(other.io, one.run(source.get_token()), [&done](std::exception_ptr) { done = true; });
    other.advance(std::chrono::milliseconds(2500) * step);
    source.request_stop();
    other.poll();
    EXPECT_TRUE(done) << step;
  }
}

TEST_F(DanmakuSessionTest, AtRestItWakesForHeartbeatsAlone) {
  start();
  loop.advance(minutes(5));
  int wakes = 0;
  const TimePoint end = loop.clock.now() + hours(1);
  while (loop.clock.next_due() <= end) {
    ++wakes;
    loop.clock.set(loop.clock.next_due());
    loop.poll();
  }
  EXPECT_LE(wakes, 121);
}

}  // namespace
}  // namespace live::bilibili
