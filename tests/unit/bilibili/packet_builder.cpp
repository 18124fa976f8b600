// SPDX-License-Identifier: Apache-2.0
#include "unit/bilibili/packet_builder.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <stdexcept>

namespace live::bilibili::test {

Bytes packet(Operation operation, BodyVersion version, ByteView body) {
  ByteWriter writer;
  writer.u32(static_cast<std::uint32_t>(16 + body.size()));
  writer.u16(16);
  writer.u16(static_cast<std::uint16_t>(version));
  writer.u32(static_cast<std::uint32_t>(operation));
  writer.u32(0);
  writer.bytes(body);
  return std::move(writer).take();
}

Bytes packet(Operation operation, BodyVersion version, std::string_view body) {
  return packet(operation, version, as_bytes(body));
}

Bytes plain_message(std::string_view json) { return packet(Operation::message, BodyVersion::plain, json); }

Bytes zlib(ByteView data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  if (compress(out.data(), &size, data.data(), static_cast<uLong>(data.size())) != Z_OK) {
    throw std::runtime_error("zlib does not compress");
  }
  out.resize(size);
  return out;
}

Bytes brotli(ByteView data) {
  std::size_t size = BrotliEncoderMaxCompressedSize(data.size());
  Bytes out(size);
  if (BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, data.size(), data.data(), &size, out.data()) !=
      BROTLI_TRUE) {
    throw std::runtime_error("brotli does not compress");
  }
  out.resize(size);
  return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace live::bilibili::test
