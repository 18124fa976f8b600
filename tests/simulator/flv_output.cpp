// SPDX-License-Identifier: Apache-2.0
#include "simulator/flv_output.hpp"

#include <fmt/format.h>

namespace live::simulator {

void FlvBatch::clear() {
  bytes_.assign(chunk_room(), 0);
  marks_.clear();
}

void FlvBatch::add_raw(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

void FlvBatch::add_file_header(bool audio, bool video) {
  const std::uint8_t flags = static_cast<std::uint8_t>((audio ? 4 : 0) | (video ? 1 : 0));
  const std::uint8_t header[] = {'F', 'L', 'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0};
  add_raw(header);
}

void FlvBatch::add(const SourceTag& tag, ByteView body, SentTag note) {
  note.type = tag.type;
  note.key = tag.key;
  note.size = static_cast<std::uint32_t>(tag.size);
  note.hash = tag.hash;
  std::uint8_t head[11] = {};
  head[0] = static_cast<std::uint8_t>(tag.type);
  store_u24(head + 1, note.size);
  store_u24(head + 4, note.timestamp & 0xFFFFFF);
  head[7] = static_cast<std::uint8_t>(note.timestamp >> 24);
  std::uint8_t back[4];
  store_u32(back, note.size + 11);
  add_raw(head);
  add_raw(body);
  add_raw(back);
  marks_.push_back({bytes_.size(), note});
}

ByteView FlvBatch::finish() {
  if (chunked_) {
    const std::string size = fmt::format("{:08x}\r\n", payload_size());
    std::memcpy(bytes_.data(), size.data(), size.size());
    add_raw(as_bytes("\r\n"));
  }
  return bytes_;
}

}  // namespace live::simulator
