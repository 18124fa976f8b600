// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/host_scores.hpp"

#include <algorithm>
#include <cmath>

namespace live::recorder {
namespace {

double weight_of(ConnectionEnd end, Duration lasted) {
  if (lasted >= HostScores::sound_after) return 0;
  if (end == ConnectionEnd::absent) return 0;  // so says every host before a show and after it
  const bool stalled = end == ConnectionEnd::stalled;
  if (lasted == Duration::zero()) return stalled ? 2 : 1;
  // A server that ends a stream in order after media may have had its reason in the streamer.
  if (end == ConnectionEnd::finished) return 0.25;
  return stalled ? 1 : 0.4;
}

}  // namespace

double HostScores::faded(const Score& score, TimePoint now) {
  const double halvings = std::chrono::duration<double>(now - score.when) / half_life;
  return score.penalty * std::exp2(-std::max(0.0, halvings));
}

void HostScores::ended(std::string_view host, ConnectionEnd end, Duration lasted, TimePoint now) {
  const double weight = weight_of(end, lasted);
  if (weight == 0) return;
  auto known = std::ranges::find(scores_, host, &Score::host);
  if (known == scores_.end()) {
    if (scores_.size() >= max_hosts) {
      const auto least =
          std::ranges::min_element(scores_, {}, [now](const Score& score) { return faded(score, now); });
      scores_.erase(least);
    }
    known = scores_.insert(scores_.end(), Score{std::string(host), 0, now});
  }
  known->penalty = std::min(most_penalty, faded(*known, now) + weight);
  known->when = now;
}

double HostScores::penalty(std::string_view host, TimePoint now) const {
  const auto known = std::ranges::find(scores_, host, &Score::host);
  return known == scores_.end() ? 0 : faded(*known, now);
}

}  // namespace live::recorder
