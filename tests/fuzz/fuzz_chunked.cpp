// SPDX-License-Identifier: Apache-2.0
// Contract: any bytes in any pieces give the same content and the same end, and never more than came in.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "net/chunk_decoder.hpp"

namespace {

struct Decoded {
  std::string content;
  bool finished = false;
  bool broken = false;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(const std::uint8_t* data, std::size_t size, std::size_t piece) {
  live::net::ChunkDecoder decoder;
  Decoded out;
  for (std::size_t at = 0; at < size; at += piece) {
    std::string part(reinterpret_cast<const char*>(data) + at, std::min(piece, size - at));
    const std::size_t content = decoder.squeeze({reinterpret_cast<std::uint8_t*>(part.data()), part.size()});
    if (content > part.size() || decoder.excess() > part.size() - content) std::abort();
    out.content.append(part, 0, content);
  }
  out.finished = decoder.finished();
  out.broken = decoder.broken();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Decoded whole = decode(data, size, std::max<std::size_t>(size, 1));
  if (whole.finished && whole.broken) std::abort();
  for (const std::size_t piece : {1, 2, 7}) {
    if (decode(data, size, piece) != whole) std::abort();
  }
  return 0;
}
