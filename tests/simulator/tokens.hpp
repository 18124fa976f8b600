// SPDX-License-Identifier: Apache-2.0
// Danmaku tokens, each bound to a room and an account. Bounded; pure.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "base/random.hpp"

namespace live::simulator {

class Tokens {
 public:
  static constexpr std::size_t max_kept = 100'000;

  std::string issue(std::int64_t room_id, std::int64_t uid, Random& random);
  bool valid(const std::string& token, std::int64_t room_id, std::int64_t uid) const;
  void revoke_all() { tokens_.clear(), order_.clear(); }

 private:
  struct Owner {
    std::int64_t room_id, uid;
  };
  std::map<std::string, Owner> tokens_;
  std::deque<std::string> order_;
};

}  // namespace live::simulator
