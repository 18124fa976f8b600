// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/bilibili/packet_builder.hpp"

namespace live::bilibili {
namespace {

using test::brotli;
using test::joined;
using test::packet;
using test::plain_message;
using test::zlib;
using ::testing::ElementsAre;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

std::vector<std::string> bodies(const DecodedFrame& frame) {
  std::vector<std::string> list;
  for (const Packet& one : frame.packets) list.emplace_back(as_text(one.body));
  return list;
}

TEST(PacketTest, EncodesTheEmptyHeartbeat) {
  EXPECT_EQ(encode_packet(Operation::heartbeat, ""), from_hex("00000010001000010000000200000001"));
}

TEST(PacketTest, DecodesAnAuthReply) {
  const Bytes frame = from_hex("0000001a0010000100000008000000017b22636f6465223a307d");
  const DecodedFrame decoded = decode_frame(frame);
  ASSERT_EQ(decoded.packets.size(), 1u);
  EXPECT_EQ(decoded.packets[0].operation, Operation::auth_reply);
  EXPECT_EQ(decoded.packets[0].version, BodyVersion::control);
  EXPECT_EQ(decoded.packets[0].sequence, 1u);
  EXPECT_EQ(as_text(decoded.packets[0].body), R"({"code":0})");
  EXPECT_FALSE(decoded.damage.any());
}

TEST(PacketTest, LeavesTheEchoBehindAHeartbeatReplyOut) {
  const Bytes frame = from_hex(
      "000000140010000100000003000000000000"
      "09a25b6f626a656374204f626a6563745d");
  const DecodedFrame decoded = decode_frame(frame);
  ASSERT_EQ(decoded.packets.size(), 1u);
  EXPECT_EQ(decoded.packets[0].operation, Operation::heartbeat_reply);
  EXPECT_EQ(decoded.packets[0].body.size(), 4u);
  EXPECT_FALSE(decoded.damage.any());
}

TEST(PacketTest, TakesSeveralPacketsOfAFrame) {
  const Bytes frame = joined({plain_message("1"), plain_message("22"), plain_message("")});
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_THAT(bodies(decoded), ElementsAre("1", "22", ""));
}

TEST(PacketTest, HonoursALongerHeader) {
  Bytes frame = plain_message("body");
  frame.insert(frame.begin() + 16, {9, 9});
  store_u32(frame.data(), static_cast<std::uint32_t>(frame.size()));
  store_u16(frame.data() + 4, 18);
  EXPECT_THAT(bodies(decode_frame(frame)), ElementsAre("body"));
}

class CompressedPacketTest : public ::testing::TestWithParam<BodyVersion> {
 protected:
  Bytes packed(ByteView data) const {
    return packet(Operation::message, GetParam(),
                  GetParam() == BodyVersion::zlib ? zlib(data) : brotli(data));
  }
};

TEST_P(CompressedPacketTest, TakesAllPacketsInside) {
  const Bytes inner = joined({plain_message("a"), plain_message("bb"), plain_message("ccc")});
  const Bytes frame = joined({plain_message("before"), packed(inner), plain_message("after")});
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_THAT(bodies(decoded), ElementsAre("before", "a", "bb", "ccc", "after"));
  EXPECT_FALSE(decoded.damage.any());
}

TEST_P(CompressedPacketTest, StopsAtTheNestingCap) {
  Bytes frame = plain_message("inside");
  for (int depth = 1; depth < max_packet_nesting; ++depth) frame = packed(frame);
  EXPECT_THAT(bodies(decode_frame(frame)), ElementsAre("inside"));
  frame = packed(frame);
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_TRUE(decoded.packets.empty());
  EXPECT_EQ(decoded.damage.too_deep, 1u);
}

TEST_P(CompressedPacketTest, CountsBrokenDataAndGoesOn) {
  Bytes broken = packed(plain_message("lost lost lost lost lost"));
  for (std::size_t i = 18; i < broken.size(); ++i) broken[i] = static_cast<std::uint8_t>(broken[i] ^ 0xA5);
  const Bytes frame = joined({broken, plain_message("kept")});
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_THAT(bodies(decoded), ElementsAre("kept"));
  EXPECT_EQ(decoded.damage.bad_compression, 1u);
}

TEST_P(CompressedPacketTest, RefusesABomb) {
  const Bytes zeros(max_inflated_bytes + 1, 0);
  const Bytes bomb = packed(zeros);
  EXPECT_LT(bomb.size(), 100'000u);
  const DecodedFrame decoded = decode_frame(bomb);
  EXPECT_TRUE(decoded.packets.empty());
  EXPECT_EQ(decoded.damage.bad_compression, 1u);
}

TEST_P(CompressedPacketTest, BoundsAllPacketsOfAFrameTogether) {
  Bytes large = plain_message(std::string(max_inflated_bytes / 2, ' '));
  const Bytes one = packed(large);
  const Bytes frame = joined({one, one});
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_EQ(decoded.packets.size(), 1u);
  EXPECT_EQ(decoded.damage.bad_compression, 1u);
}

INSTANTIATE_TEST_SUITE_P(Codings, CompressedPacketTest,
                         ::testing::Values(BodyVersion::zlib, BodyVersion::brotli));

TEST(PacketTest, DropsTheRestOfAFrameAtAContradiction) {
  struct Case {
    std::uint32_t total;
    std::uint16_t header;
  };
  for (const Case& bad : {Case{15, 16}, Case{0, 16}, Case{16, 15}, Case{16, 0}, Case{20, 24}, Case{1000, 16},
                          Case{0xFFFFFFFF, 16}}) {
    Bytes frame = joined({plain_message("first"), plain_message("bad!"), plain_message("third")});
    const std::size_t at = 16 + 5;
    store_u32(frame.data() + at, bad.total);
    store_u16(frame.data() + at + 4, bad.header);
    const DecodedFrame decoded = decode_frame(frame);
    EXPECT_THAT(bodies(decoded), ElementsAre("first")) << bad.total << "/" << bad.header;
    EXPECT_EQ(decoded.damage.bad_header, 1u);
  }
}

TEST(PacketTest, CountsBytesThatAreNoPacket) {
  Bytes frame = plain_message("whole");
  frame.insert(frame.end(), {0, 0, 0});
  EXPECT_THAT(bodies(decode_frame(frame)), ElementsAre("whole"));
  EXPECT_EQ(decode_frame(frame).damage.trailing_bytes, 1u);
  EXPECT_FALSE(decode_frame({}).damage.any());
}

TEST(PacketTest, EveryCutOfAFrameIsHarmless) {
  const Bytes frame = joined(
      {plain_message("one"), packet(Operation::message, BodyVersion::brotli, brotli(plain_message("two")))});
  for (std::size_t length = 0; length <= frame.size(); ++length) {
    const DecodedFrame decoded = decode_frame(ByteView(frame).first(length));
    EXPECT_LE(decoded.packets.size(), 2u);
    EXPECT_EQ(decoded.packets.size() == 2, length == frame.size());
  }
}

TEST(PacketTest, BoundsThePacketsOfAFrame) {
  const Bytes one = plain_message("");
  Bytes many;
  for (std::size_t i = 0; i < max_packets_per_frame + 2; ++i) many.insert(many.end(), one.begin(), one.end());
  const Bytes frame = packet(Operation::message, BodyVersion::zlib, zlib(many));
  const DecodedFrame decoded = decode_frame(frame);
  EXPECT_EQ(decoded.packets.size(), max_packets_per_frame);
  EXPECT_EQ(decoded.damage.too_many, 1u);
}

TEST(PacketTest, KeepsUnknownOperationsAndVersions) {
  const DecodedFrame decoded =
      decode_frame(packet(static_cast<Operation>(77), static_cast<BodyVersion>(9), "x"));
  ASSERT_EQ(decoded.packets.size(), 1u);
  EXPECT_EQ(static_cast<std::uint32_t>(decoded.packets[0].operation), 77u);
}

}  // namespace
}  // namespace live::bilibili
