// SPDX-License-Identifier: Apache-2.0
// FLV bytes of a connection, with a note of where each tag ends, so that what was sent can be told from what
// was only prepared. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "simulator/flv_source.hpp"

namespace live::simulator {

struct SentTag {
  TagType type = TagType::script;
  bool header = false;  // script tag or sequence header
  bool key = false;
  std::uint32_t timestamp = 0;         // as sent
  std::uint32_t source_timestamp = 0;  // in the file, from its first media tag
  std::uint32_t size = 0;              // of the body
  std::uint64_t hash = 0;              // XXH3 of the body
  std::uint64_t loop = 0;
  std::int64_t index = -1;  // among the media tags of the source; -1 for headers
};

struct TagMark {
  std::size_t end;  // offset in the batch after the tag's last byte
  SentTag tag;
};

// What goes out in one write; as one chunk when chunked.
class FlvBatch {
 public:
  explicit FlvBatch(bool chunked) : chunked_(chunked) { clear(); }

  // The file header and the back pointer after it.
  void add_file_header(bool audio, bool video);
  void add(const SourceTag& tag, ByteView body, SentTag note);
  // Bytes that are no FLV, e.g. a web page in place of a stream.
  void add_raw(ByteView bytes);

  bool empty() const { return bytes_.size() == chunk_room(); }
  std::size_t payload_size() const { return bytes_.size() - chunk_room(); }
  // Puts the chunk's frame around it; no more adding after that.
  ByteView finish();
  const std::vector<TagMark>& marks() const { return marks_; }
  void clear();

 private:
  // Eight hexadecimal digits and CRLF: a chunk size may have leading zeros.
  std::size_t chunk_room() const { return chunked_ ? 10 : 0; }

  bool chunked_;
  Bytes bytes_;
  std::vector<TagMark> marks_;
};

inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace live::simulator
