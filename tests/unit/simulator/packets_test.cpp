// SPDX-License-Identifier: Apache-2.0
#include "simulator/packets.hpp"

#include <gtest/gtest.h>

#include "site_client.hpp"

namespace live::simulator {
namespace {

using test::decode_frame;
using test::Packet;

const std::vector<std::string> messages = {R"({"cmd":"A"})", std::string(300, 'x'), R"({"cmd":"B"})"};

TEST(Packets, AuthReplyIsTheCapturedOne) {
  const std::uint8_t captured[] = {0, 0, 0, 0x1a, 0,   0x10, 0,   1,   0,   0,   0,   8,   0,
                                   0, 0, 1, '{',  '"', 'c',  'o', 'd', 'e', '"', ':', '0', '}'};
  EXPECT_EQ(auth_reply(0), Bytes(std::begin(captured), std::end(captured)));
}

TEST(Packets, HeartbeatReplyEchoesBeyondItsLength) {
  const Bytes reply = heartbeat_reply(2466, as_bytes("[object Object]"));
  ASSERT_EQ(reply.size(), 35u);
  EXPECT_EQ(load_u32(reply.data()), 20u);
  EXPECT_EQ(load_u32(reply.data() + 16), 2466u);
  EXPECT_EQ(as_text(reply).substr(20), "[object Object]");
}

TEST(Packets, FramesOfEachVersionReadAgain) {
  for (const int protover : {0, 1, 2, 3}) {
    const Bytes frame = message_frame(messages, protover);
    const std::uint16_t version = load_u16(frame.data() + 6);
    EXPECT_EQ(version, protover >= 2 ? protover : 0);
    const std::vector<Packet> packets = decode_frame(frame);
    ASSERT_EQ(packets.size(), messages.size()) << protover;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      EXPECT_EQ(packets[i].operation, 5u);
      EXPECT_EQ(packets[i].body, messages[i]);
    }
  }
}

TEST(Packets, AShortMessageAloneGoesPlain) {
  EXPECT_EQ(load_u16(message_frame({"short"}, 3).data() + 6), 0);
  EXPECT_EQ(load_u16(message_frame({std::string(500, 'x')}, 3).data() + 6), 3);
}

TEST(Packets, ReadsClientFrames) {
  Bytes frame = test::client_packet(7, "{}");
  const Bytes second = test::client_packet(2, "");
  frame.insert(frame.end(), second.begin(), second.end());
  const auto packets = parse_client_frame(frame);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0].operation, Operation::auth);
  EXPECT_EQ(as_text(packets[0].body), "{}");
  EXPECT_EQ(packets[1].operation, Operation::heartbeat);
  for (std::size_t size = 0; size < frame.size(); ++size)
    EXPECT_LE(parse_client_frame(ByteView(frame).first(size)).size(), size < 18 ? 0u : 1u);
}

}  // namespace
}  // namespace live::simulator
