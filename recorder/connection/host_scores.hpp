// SPDX-License-Identifier: Apache-2.0
// Which hosts have served badly of late, so that better ones are asked first. No I/O: time comes from the
// caller.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "recorder/connection/connection_end.hpp"

namespace live::recorder {

class HostScores {
 public:
  // What a host has against it is halved in this time.
  static constexpr Duration half_life = std::chrono::minutes(10);
  // A connection whose media came for so long was a good one, however it ended.
  static constexpr Duration sound_after = std::chrono::minutes(5);
  // However often it failed, a host is forgiven within half an hour.
  static constexpr double most_penalty = 4;
  static constexpr std::size_t max_hosts = 64;

  // A connection ended that was not ended by us. `lasted`: from its first media; zero without any.
  void ended(std::string_view host, ConnectionEnd end, Duration lasted, TimePoint now);

  // 0: nothing against it. Grows by 2 for a stall and by 1 for any other failure; after media by 1 and 0.4.
  double penalty(std::string_view host, TimePoint now) const;

  // The lower, the sooner a host is asked. What is less than half a failure counts as none, so that the order
  // of the preferences holds.
  int rank(std::string_view host, TimePoint now) const { return static_cast<int>(penalty(host, now) + 0.5); }

 private:
  struct Score {
    std::string host;
    double penalty = 0;  // at `when`
    TimePoint when;
  };
  static double faded(const Score& score, TimePoint now);

  std::vector<Score> scores_;
};

}  // namespace live::recorder
