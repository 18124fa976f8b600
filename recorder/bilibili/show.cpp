// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/show.hpp"

namespace live::bilibili {
namespace {

// Push and API round the same moment differently.
constexpr std::chrono::seconds start_tolerance(5);

bool both_keys(const Show& a, const Show& b) { return !a.key.empty() && !b.key.empty(); }
bool both_starts(const Show& a, const Show& b) { return a.start && b.start; }

bool same_start(const Show& a, const Show& b) {
  return both_starts(a, b) && *a.start - *b.start <= start_tolerance &&
         *b.start - *a.start <= start_tolerance;
}

}  // namespace

bool same_show(const Show& a, const Show& b) { return both_keys(a, b) ? a.key == b.key : same_start(a, b); }

bool different_show(const Show& a, const Show& b) {
  return (both_keys(a, b) || both_starts(a, b)) && !same_show(a, b);
}

Show merged_show(Show known, const Show& news) {
  if (known.key.empty()) known.key = news.key;
  if (!known.start) known.start = news.start;
  return known;
}

}  // namespace live::bilibili
