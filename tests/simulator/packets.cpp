// SPDX-License-Identifier: Apache-2.0
#include "simulator/packets.hpp"

#include <brotli/encode.h>
#include <fmt/format.h>
#include <zlib.h>

#include <stdexcept>

namespace live::simulator {
namespace {

constexpr std::uint16_t header_size = 16;
constexpr std::size_t short_message = 200;
enum Version : std::uint16_t { plain = 0, control = 1, zlib = 2, brotli = 3 };

void add_packet(ByteWriter& to, Version version, Operation operation, std::uint32_t sequence, ByteView body) {
  to.u32(static_cast<std::uint32_t>(header_size + body.size()));
  to.u16(header_size);
  to.u16(version);
  to.u32(static_cast<std::uint32_t>(operation));
  to.u32(sequence);
  to.bytes(body);
}

Bytes deflate_zlib(ByteView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  if (compress(out.data(), &size, data.data(), static_cast<uLong>(data.size())) != Z_OK)
    throw std::runtime_error("zlib can not compress");
  out.resize(size);
  return out;
}

Bytes deflate_brotli(ByteView data) {
  std::size_t size = BrotliEncoderMaxCompressedSize(data.size());
  Bytes out(size);
  if (BrotliEncoderCompress(3, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, data.size(), data.data(), &size,
                            out.data()) != BROTLI_TRUE)
    throw std::runtime_error("brotli can not compress");
  out.resize(size);
  return out;
}

}  // namespace

Bytes auth_reply(int code) {
  ByteWriter out;
  add_packet(out, control, Operation::auth_reply, 1, as_bytes(fmt::format("{{\"code\":{}}}", code)));
  return std::move(out).take();
}

Bytes heartbeat_reply(std::uint32_t popularity, ByteView client_body) {
  ByteWriter body;
  body.u32(popularity);
  ByteWriter out;
  add_packet(out, control, Operation::heartbeat_reply, 0, body.data());
  out.bytes(client_body);
  return std::move(out).take();
}

Bytes message_frame(const std::vector<std::string>& messages, int protover) {
  ByteWriter packets;
  for (const std::string& message : messages)
    add_packet(packets, plain, Operation::message, 0, as_bytes(message));
  const bool compressed = protover == 2 || protover == 3;
  if (!compressed || (messages.size() == 1 && messages[0].size() < short_message))
    return std::move(packets).take();
  ByteWriter out;
  const Bytes body = protover == 2 ? deflate_zlib(packets.data()) : deflate_brotli(packets.data());
  add_packet(out, protover == 2 ? zlib : brotli, Operation::message, 0, body);
  return std::move(out).take();
}

std::vector<ClientPacket> parse_client_frame(ByteView frame) {
  std::vector<ClientPacket> packets;
  while (frame.size() >= header_size) {
    ByteReader reader(frame);
    const std::uint32_t total = reader.u32();
    const std::uint16_t header = reader.u16();
    reader.skip(2);
    const std::uint32_t operation = reader.u32();
    if (header < header_size || total < header || total > frame.size()) break;
    const ByteView body = frame.subspan(header, total - header);
    packets.push_back({static_cast<Operation>(operation), Bytes(body.begin(), body.end())});
    frame = frame.subspan(total);
  }
  return packets;
}

}  // namespace live::simulator
