// SPDX-License-Identifier: Apache-2.0
// How many bytes may wait in the kernel before we are woken. No I/O.
#pragma once
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace live::net {

// Live streams come in small pieces many times a second. Waking for a good part of a second at a time costs a
// third of waking for each piece (SO_RCVLOWAT; the kernel enlarges its buffer and window to match, unlike
// with a reader that sleeps). Half a second: whoever looks each quarter second (MediaStream::look) is not
// woken in between, and does not fill the kernel's buffer when the rate doubles.
class ReceivePacing {
 public:
  static constexpr int min_threshold = 16 << 10;
  static constexpr int max_threshold = 512 << 10;

  // Once a second, with the bytes received so far. The threshold to set, nothing when it stays. It is 1 when
  // nothing came since the last call: the tail of a body would otherwise wait for more for ever.
  std::optional<int> tick(TimePoint now, std::uint64_t received);

 private:
  std::optional<int> change(int threshold);

  std::optional<TimePoint> last_;
  std::uint64_t received_ = 0;
  int threshold_ = 1;
};

}  // namespace live::net
