// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/packet.hpp"

#include "net/content_coding.hpp"

namespace live::bilibili {
namespace {

constexpr std::size_t header_size = 16;
constexpr std::uint16_t client_version = 1;
constexpr std::uint32_t client_sequence = 1;

struct Header {
  std::uint32_t total = 0;
  std::uint16_t length = 0;  // of the header itself
  std::uint16_t version = 0;
  std::uint32_t operation = 0;
  std::uint32_t sequence = 0;
};

Header read_header(ByteView data) {
  ByteReader reader(data);
  Header header;
  header.total = reader.u32();
  header.length = reader.u16();
  header.version = reader.u16();
  header.operation = reader.u32();
  header.sequence = reader.u32();
  return header;
}

class FrameDecoder {
 public:
  DecodedFrame decode(ByteView frame) && {
    run(frame, 1);
    return std::move(result_);
  }

 private:
  void run(ByteView data, int depth) {
    while (data.size() >= header_size) {
      const Header header = read_header(data);
      if (header.length < header_size || header.total < header.length || header.total > data.size()) {
        ++result_.damage.bad_header;
        return;
      }
      Packet packet;
      packet.operation = static_cast<Operation>(header.operation);
      packet.version = static_cast<BodyVersion>(header.version);
      packet.sequence = header.sequence;
      packet.body = data.subspan(header.length, header.total - header.length);
      if (!take(packet, depth)) return;
      // The server appends the body of our own heartbeat and leaves it out of the length.
      if (packet.operation == Operation::heartbeat_reply) return;
      data = data.subspan(header.total);
    }
    if (!data.empty()) ++result_.damage.trailing_bytes;
  }

  bool take(const Packet& packet, int depth) {
    // Control packets carry the version of the connection in some servers; only messages are compressed.
    const bool packed = packet.version == BodyVersion::zlib || packet.version == BodyVersion::brotli;
    if (packet.operation == Operation::message && packed) {
      unpack(packet, depth);
      return true;
    }
    if (result_.packets.size() == max_packets_per_frame) {
      ++result_.damage.too_many;
      return false;
    }
    result_.packets.push_back(packet);
    return true;
  }

  void unpack(const Packet& packet, int depth) {
    if (depth == max_packet_nesting) {
      ++result_.damage.too_deep;
      return;
    }
    Result<Bytes> inner = packet.version == BodyVersion::zlib ? net::inflate_zlib(packet.body, room_)
                                                              : net::inflate_brotli(packet.body, room_);
    if (!inner) {
      ++result_.damage.bad_compression;
      return;
    }
    room_ -= inner->size();
    result_.inflated.push_back(*std::move(inner));
    const ByteView data = result_.inflated.back();
    run(data, depth + 1);
  }

  DecodedFrame result_;
  std::size_t room_ = max_inflated_bytes;
};

}  // namespace

FrameDamage& FrameDamage::operator+=(const FrameDamage& other) {
  bad_header += other.bad_header;
  trailing_bytes += other.trailing_bytes;
  bad_compression += other.bad_compression;
  too_deep += other.too_deep;
  too_many += other.too_many;
  return *this;
}

DecodedFrame decode_frame(ByteView frame) { return FrameDecoder().decode(frame); }

Bytes encode_packet(Operation operation, std::string_view body) {
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(header_size + body.size()));
  writer.u16(header_size);
  writer.u16(client_version);
  writer.u32(static_cast<std::uint32_t>(operation));
  writer.u32(client_sequence);
  writer.text(body);
  return std::move(writer).take();
}

}  // namespace live::bilibili
