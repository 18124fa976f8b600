// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/session_machine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/json.hpp"
#include "unit/bilibili/packet_builder.hpp"

namespace live::bilibili {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

DanmuAccess access(std::vector<DanmuHost> hosts = {
                       {"a", 2245, 2244}, {"b", 443, 80}, {"broadcastlv.x", 443, 80}}) {
  return DanmuAccess{DanmuInfo{"TOKEN", std::move(hosts)}, 0, "DEVICEinfoc"};
}

const Bytes auth_ok = test::packet(Operation::auth_reply, BodyVersion::control, R"({"code":0})");
const Bytes heartbeat_reply =
    test::packet(Operation::heartbeat_reply, BodyVersion::control, std::string_view("\0\0\0\1", 4));

class SessionMachineTest : public ::testing::Test {
 protected:
  template <class T>
  T next() {
    SessionAction action = machine.next(now);
    if (!std::holds_alternative<T>(action))
      throw std::runtime_error("another action: " + std::to_string(action.index()));
    return std::get<T>(std::move(action));
  }
  // Lets time pass to where the machine wants to do something.
  void wait() { now = next<WaitUntil>().when; }

  // From the start or from a wait for it, up to the socket.
  std::string open() {
    SessionAction action = machine.next(now);
    if (std::holds_alternative<WaitUntil>(action)) {
      now = std::get<WaitUntil>(action).when;
      action = machine.next(now);
    }
    if (std::holds_alternative<FetchToken>(action)) {
      ++tokens;
      machine.token_arrived(access(), now);
      action = machine.next(now);
    }
    return std::get<OpenSocket>(action).url.host;
  }
  void establish() {
    open();
    machine.connected(now);
    next<SendPacket>();
    machine.received(auth_ok, now);
    EXPECT_TRUE(machine.established());
  }

  TimePoint now{hours(1)};
  SessionMachine machine{5440, true, Random(1)};
  int tokens = 0;
};

TEST_F(SessionMachineTest, FetchesATokenThenConnects) {
  next<FetchToken>();
  EXPECT_EQ(next<WaitUntil>().when, TimePoint::max());
  machine.token_arrived(access({{"one.host", 2245, 2244}}), now);
  EXPECT_EQ(next<OpenSocket>().url.text(), "wss://one.host:2245/sub");
  EXPECT_EQ(next<WaitUntil>().when, TimePoint::max());
}

TEST_F(SessionMachineTest, TakesThePlainPortWithoutTls) {
  SessionMachine plain(5440, false, Random(1));
  ASSERT_TRUE(std::holds_alternative<FetchToken>(plain.next(now)));
  plain.token_arrived(access({{"one.host", 2245, 2244}}), now);
  EXPECT_EQ(std::get<OpenSocket>(plain.next(now)).url.text(), "ws://one.host:2244/sub");
}

TEST_F(SessionMachineTest, AuthenticatesWithTheRealRoomAndTheToken) {
  open();
  machine.connected(now);
  const Bytes auth = next<SendPacket>().packet;
  const DecodedFrame decoded = decode_frame(auth);
  ASSERT_EQ(decoded.packets.size(), 1u);
  EXPECT_EQ(decoded.packets[0].operation, Operation::auth);
  EXPECT_EQ(decoded.packets[0].version, BodyVersion::control);
  EXPECT_EQ(decoded.packets[0].sequence, 1u);
  const Json expected = {{"uid", 0},          {"roomid", 5440}, {"protover", 3}, {"buvid", "DEVICEinfoc"},
                         {"platform", "web"}, {"type", 2},      {"key", "TOKEN"}};
  EXPECT_EQ(parse_json(as_text(decoded.packets[0].body)), expected);
}

TEST_F(SessionMachineTest, SendsEmptyHeartbeatsAtOnceAndEachThirtySeconds) {
  establish();
  const TimePoint start = now;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(now - start, seconds(30) * i);
    EXPECT_EQ(next<SendPacket>().packet, encode_packet(Operation::heartbeat, ""));
    machine.received(heartbeat_reply, now);
    wait();
  }
  EXPECT_EQ(machine.stats().heartbeat_replies, 5u);
}

TEST_F(SessionMachineTest, GivesUpWithoutAnAuthReply) {
  open();
  machine.connected(now);
  next<SendPacket>();
  const TimePoint start = now;
  wait();
  EXPECT_EQ(now - start, seconds(10));
  EXPECT_EQ(next<CloseSocket>().reason, SessionEnd::auth_timeout);
  machine.ended(SessionEnd::auth_timeout, now);
  EXPECT_EQ(machine.last_end(), SessionEnd::auth_timeout);
}

TEST_F(SessionMachineTest, FetchesANewTokenAfterARefusal) {
  for (const char* body : {R"({"code":-101})", "", "not json", R"({"code":null})"}) {
    open();
    machine.connected(now);
    next<SendPacket>();
    machine.received(test::packet(Operation::auth_reply, BodyVersion::control, std::string_view(body)), now);
    EXPECT_FALSE(machine.established());
    EXPECT_EQ(next<CloseSocket>().reason, SessionEnd::auth_refused);
    machine.ended(SessionEnd::auth_refused, now);
    wait();
    const int before = tokens;
    open();
    EXPECT_EQ(tokens, before + 1);
    machine.ended(SessionEnd::connect_failed, now);
    now += minutes(10);
  }
}

TEST_F(SessionMachineTest, DetectsAHalfOpenConnection) {
  establish();
  const TimePoint last = now;
  while (true) {
    const SessionAction action = machine.next(now);
    if (const auto* close = std::get_if<CloseSocket>(&action)) {
      EXPECT_EQ(close->reason, SessionEnd::silent);
      break;
    }
    if (const auto* until = std::get_if<WaitUntil>(&action)) now = until->when;
  }
  EXPECT_EQ(now - last, SessionMachine::silence_limit);
  EXPECT_LT(now - last, seconds(75));
}

TEST_F(SessionMachineTest, AnyFrameIsASignOfLife) {
  establish();
  for (int i = 0; i < 100; ++i) {
    now += seconds(10);
    machine.received(test::plain_message(R"({"cmd":"X"})"), now);
    const SessionAction action = machine.next(now);
    EXPECT_FALSE(std::holds_alternative<CloseSocket>(action));
  }
}

TEST_F(SessionMachineTest, TriesEachHostBeforeANewToken) {
  std::set<std::string> hosts;
  std::string last;
  for (int i = 0; i < 3; ++i) {
    last = open();
    hosts.insert(last);
    machine.ended(SessionEnd::connect_failed, now);
  }
  EXPECT_EQ(tokens, 1);
  EXPECT_EQ(hosts.size(), 3u);
  EXPECT_EQ(last, "broadcastlv.x");  // the common entry comes last
  open();
  EXPECT_EQ(tokens, 2);
}

TEST_F(SessionMachineTest, BacksOffWhileNothingWorks) {
  Duration longest = Duration::zero();
  const TimePoint start = now;
  int attempts = 0;
  for (; now - start < hours(1); ++attempts) {
    open();
    machine.ended(SessionEnd::connect_failed, now);
    longest = std::max(longest, next<WaitUntil>().when - now);
  }
  EXPECT_LE(longest, minutes(3));
  EXPECT_GE(longest, minutes(2));
  EXPECT_LE(attempts, 40);
  EXPECT_LE(tokens, attempts);
}

TEST_F(SessionMachineTest, ComesBackAtOnceAfterASoundConnection) {
  establish();
  const std::string first = "";
  now += hours(5);
  machine.ended(SessionEnd::closed, now);
  const TimePoint lost = now;
  open();
  EXPECT_LE(now - lost, seconds(1));
  EXPECT_EQ(tokens, 2);  // the old token has aged
}

TEST_F(SessionMachineTest, PrefersAnotherHostAfterALoss) {
  for (int round = 0; round < 20; ++round) {
    const std::string before = open();
    machine.connected(now);
    next<SendPacket>();
    machine.received(auth_ok, now);
    now += hours(1);
    machine.ended(SessionEnd::closed, now);
    const std::string after = open();
    EXPECT_NE(before, after);
    machine.connected(now);
    next<SendPacket>();
    machine.received(auth_ok, now);
    now += hours(1);
    machine.ended(SessionEnd::closed, now);
  }
}

TEST_F(SessionMachineTest, BacksOffFromShortConnections) {
  Duration wait_after = Duration::zero();
  for (int i = 0; i < 6; ++i) {
    establish();
    machine.ended(SessionEnd::closed, now);
    wait_after = next<WaitUntil>().when - now;
  }
  EXPECT_GE(wait_after, seconds(30));
}

TEST_F(SessionMachineTest, WaitsAfterAFailedToken) {
  next<FetchToken>();
  machine.token_failed(now);
  EXPECT_EQ(machine.last_end(), SessionEnd::token_failed);
  const Duration first = next<WaitUntil>().when - now;
  EXPECT_GE(first, seconds(5));
  EXPECT_LE(first, seconds(8));
  wait();
  next<FetchToken>();
  machine.token_failed(now, now + minutes(20));
  EXPECT_EQ(next<WaitUntil>().when, now + minutes(20));
}

TEST_F(SessionMachineTest, LeavesOnlyMessages) {
  establish();
  const Bytes frame = test::joined({test::plain_message("1"),
                                    test::packet(static_cast<Operation>(99), BodyVersion::plain, "?"),
                                    test::plain_message("2"), heartbeat_reply});
  const DecodedFrame decoded = machine.received(frame, now);
  ASSERT_EQ(decoded.packets.size(), 2u);
  EXPECT_EQ(as_text(decoded.packets[1].body), "2");
  EXPECT_EQ(machine.stats().messages, 2u);
  EXPECT_EQ(machine.stats().unknown_packets, 1u);
  machine.received(Bytes{1, 2, 3}, now);
  EXPECT_EQ(machine.stats().damage.trailing_bytes, 1u);
}

TEST_F(SessionMachineTest, MeasuresTheGap) {
  establish();
  EXPECT_EQ(machine.gap(now + hours(1)), Duration::zero());
  now += hours(1);
  machine.ended(SessionEnd::silent, now);
  const TimePoint lost = now;
  EXPECT_EQ(machine.gap(now + seconds(3)), seconds(3));
  establish();
  const Duration gap = now - lost;
  now += hours(1);
  EXPECT_EQ(machine.gap(now), gap);
  EXPECT_EQ(machine.stats().established, 2u);
  EXPECT_EQ(machine.stats().ends[static_cast<std::size_t>(SessionEnd::silent)], 1u);
}

TEST_F(SessionMachineTest, AnAuthReplyTwiceChangesNothing) {
  establish();
  next<SendPacket>();
  const TimePoint beat = next<WaitUntil>().when;
  now += seconds(1);
  machine.received(auth_ok, now);
  machine.received(test::packet(Operation::auth_reply, BodyVersion::control, R"({"code":-101})"), now);
  EXPECT_TRUE(machine.established());
  EXPECT_EQ(next<WaitUntil>().when, beat);
}

TEST_F(SessionMachineTest, ManyRoomsAskForTheirNextTokensOneAfterTheOther) {
  std::set<std::int64_t> seconds_waited;
  for (std::uint64_t room = 1; room <= 100; ++room) {
    machine = SessionMachine(5440, true, Random(room));
    machine.set_token_spread(minutes(3));
    establish();  // the first token comes at once
    now += hours(1);
    machine.ended(SessionEnd::closed, now);
    const TimePoint lost = now;
    wait();
    wait();
    next<FetchToken>();
    EXPECT_LE(now - lost, minutes(3) + seconds(1));
    seconds_waited.insert(std::chrono::floor<seconds>(now - lost).count());
  }
  EXPECT_GE(seconds_waited.size(), 60u);
}

TEST_F(SessionMachineTest, ATokenForAnotherAccountIsAskedForAtOnce) {
  machine.set_token_spread(minutes(3));
  establish();
  now += hours(1);
  machine.forget_token();
  machine.ended(SessionEnd::closed, now);
  wait();
  next<FetchToken>();
}

}  // namespace
}  // namespace live::bilibili
