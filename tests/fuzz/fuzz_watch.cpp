// SPDX-License-Identifier: Apache-2.0
// Contract: any bytes in any pieces give the same events and the same end, without an exception.
#include <cstdlib>
#include <string>
#include <vector>

#include "kube/errors.hpp"
#include "kube/object.hpp"
#include "kube/watch_decoder.hpp"

namespace {

struct Decoded {
  std::vector<std::string> events;
  live::kube::WatchDecoder::Fault fault{};
  bool operator==(const Decoded&) const = default;
};

Decoded decode(const char* data, std::size_t size, std::size_t piece) {
  live::kube::WatchDecoder decoder(1024);
  Decoded out;
  for (std::size_t at = 0; at < size; at += piece) {
    decoder.feed(std::string_view(data + at, std::min(piece, size - at)));
    while (const auto event = decoder.next()) {
      (void)live::kube::parse_meta(event->object);
      (void)live::kube::api_error_of(event->object);
      out.events.push_back(std::to_string(static_cast<int>(event->type)) + live::dump_json(event->object));
    }
  }
  out.fault = decoder.fault();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const char* data = reinterpret_cast<const char*>(bytes);
  const Decoded whole = decode(data, size, std::max<std::size_t>(size, 1));
  for (const std::size_t piece : {1, 3, 64}) {
    if (decode(data, size, piece) != whole) std::abort();
  }
  return 0;
}
