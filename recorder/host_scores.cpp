// SPDX-License-Identifier: Apache-2.0
#include "recorder/host_scores.hpp"

#include <algorithm>
#include <cmath>

namespace live::recorder {
namespace {

double weight_of(ConnectionEnd end, Duration lasted) {
  if (lasted >= HostScores::sound_after) return 0;
  const double weight = end == ConnectionEnd::stalled ? 2 : 1;
  const bool had_media = lasted > Duration::zero();
  // A server that ends a stream in order after media may have had its reason in the streamer.
  if (end == ConnectionEnd::finished && had_media) return 0.25;
  return had_media ? weight / 2 : weight;
}

// Of what is less than a whole failure nothing is made: the order of the preferences counts.
double bucket_of(double penalty) { return std::floor(penalty); }

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
  known->penalty = faded(*known, now) + weight;
  known->when = now;
}

double HostScores::penalty(std::string_view host, TimePoint now) const {
  const auto known = std::ranges::find(scores_, host, &Score::host);
  return known == scores_.end() ? 0 : faded(*known, now);
}

void HostScores::sort(std::vector<StreamCandidate>& candidates, TimePoint now) const {
  std::ranges::stable_sort(candidates, {}, [&](const StreamCandidate& candidate) {
    return bucket_of(penalty(candidate.host, now));
  });
}

}  // namespace live::recorder
