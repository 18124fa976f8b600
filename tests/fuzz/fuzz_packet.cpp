// SPDX-License-Identifier: Apache-2.0
// Contract: whatever a frame holds, decoding ends, stays within its bounds, and every body can be read to its
// end.
#include <cstdint>
#include <cstdlib>

#include "recorder/bilibili/packet.hpp"
#include "recorder/bilibili/session_machine.hpp"

namespace {

using namespace live::bilibili;

// A connection that gets this frame in each of its states.
void feed_session(live::ByteView frame) {
  const live::TimePoint now{std::chrono::hours(1)};
  SessionMachine machine(5440, true, live::Random(1));
  machine.received(frame, now);
  machine.next(now);
  machine.token_arrived(DanmuAccess{DanmuInfo{"token", {{"host", 443, 80}}}, 0, "device"}, now);
  machine.next(now);
  machine.connected(now);
  machine.received(frame, now);
  machine.next(now);
  machine.received(frame, now);
  machine.next(now);
  machine.received(frame, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const live::ByteView frame(data, size);
  const DecodedFrame decoded = decode_frame(frame);
  std::size_t inflated = 0;
  for (const live::Bytes& part : decoded.inflated) inflated += part.size();
  if (inflated > max_inflated_bytes || decoded.packets.size() > max_packets_per_frame) std::abort();
  volatile std::uint8_t last = 0;
  for (const Packet& packet : decoded.packets) {
    for (const std::uint8_t byte : packet.body) last = byte;
  }
  (void)last;
  feed_session(frame);
  return 0;
}
