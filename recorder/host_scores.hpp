// SPDX-License-Identifier: Apache-2.0
// Which hosts have served badly of late, so that better ones are asked first. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "recorder/connection_policy.hpp"

namespace live::recorder {

class HostScores {
 public:
  // What a host has against it is halved in this time.
  static constexpr Duration half_life = std::chrono::minutes(10);
  // A connection that lasted so long was a good one, however it ended.
  static constexpr Duration sound_after = std::chrono::minutes(5);
  static constexpr std::size_t max_hosts = 64;

  // A connection ended that was not ended by us. `lasted`: from its first media; zero without any.
  void ended(std::string_view host, ConnectionEnd end, Duration lasted, TimePoint now);

  // 0: nothing against it. Grows by 2 for a stall, by 1 for any other failure, by half of it after media.
  double penalty(std::string_view host, TimePoint now) const;

  // Hosts with a whole failure or more against them go behind the others, the worst last; else the order
  // stays.
  void sort(std::vector<StreamCandidate>& candidates, TimePoint now) const;

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
