// SPDX-License-Identifier: Apache-2.0
// Packets of the danmaku socket: 16 bytes of header and a body; bodies of version 2 and 3 hold packets again.
// No I/O.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace live::bilibili {

enum class Operation : std::uint32_t {
  heartbeat = 2,
  heartbeat_reply = 3,
  message = 5,
  auth = 7,
  auth_reply = 8
};
enum class BodyVersion : std::uint16_t { plain = 0, control = 1, zlib = 2, brotli = 3 };

// One frame may claim to inflate to anything: all its packets together may not grow beyond these.
constexpr std::size_t max_inflated_bytes = std::size_t{64} << 20;
constexpr int max_packet_nesting = 4;
constexpr std::size_t max_packets_per_frame = 65536;

struct Packet {
  Operation operation{};  // other values than the enumerators occur: to be ignored
  BodyVersion version{};
  std::uint32_t sequence = 0;
  ByteView body;
};

// What was left out of a frame, by reason.
struct FrameDamage {
  std::uint32_t bad_header = 0;       // lengths that contradict each other: the rest of that run was dropped
  std::uint32_t trailing_bytes = 0;   // fewer bytes at the end than a header has
  std::uint32_t bad_compression = 0;  // broken, or larger than allowed
  std::uint32_t too_deep = 0;
  std::uint32_t too_many = 0;

  bool any() const { return bad_header || trailing_bytes || bad_compression || too_deep || too_many; }
  FrameDamage& operator+=(const FrameDamage& other);
  bool operator==(const FrameDamage&) const = default;
};

// The innermost packets of a frame in order. Bodies point into the frame or into `inflated`.
struct DecodedFrame {
  DecodedFrame() = default;
  DecodedFrame(DecodedFrame&&) = default;
  DecodedFrame& operator=(DecodedFrame&&) = default;

  std::vector<Packet> packets;
  std::vector<Bytes> inflated;
  FrameDamage damage;
};

// Takes what is sound and counts the rest. The frame must outlive the result.
DecodedFrame decode_frame(ByteView frame);

// A client packet: version 1, sequence 1.
Bytes encode_packet(Operation operation, std::string_view body);

}  // namespace live::bilibili
