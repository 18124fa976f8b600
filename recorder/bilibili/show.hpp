// SPDX-License-Identifier: Apache-2.0
// One broadcast of a room, as far as it is known. No I/O.
#pragma once
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace live::bilibili {

struct Show {
  std::string key;                // live_key; empty while unknown
  std::optional<WallTime> start;  // as the service tells it
  bool operator==(const Show&) const = default;
};

// By key where both have one, else by start. Shows of which nothing can be compared are not the same.
bool same_show(const Show& a, const Show& b);
// Shows of which something can be compared and nothing agrees. Neither same nor different is possible.
bool different_show(const Show& a, const Show& b);

// What `known` lacks is taken from `news`.
Show merged_show(Show known, const Show& news);

}  // namespace live::bilibili
