// SPDX-License-Identifier: Apache-2.0
#include "simulator/tokens.hpp"

namespace live::simulator {

std::string Tokens::issue(std::int64_t room_id, std::int64_t uid, Random& random) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string token;
  for (int i = 0; i < 120; ++i) token += letters[random.between(0, letters.size() - 1)];
  tokens_.emplace(token, Owner{room_id, uid});
  order_.push_back(token);
  if (order_.size() > max_kept) {
    tokens_.erase(order_.front());
    order_.pop_front();
  }
  return token;
}

bool Tokens::valid(const std::string& token, std::int64_t room_id, std::int64_t uid) const {
  const auto at = tokens_.find(token);
  return at != tokens_.end() && at->second.room_id == room_id && at->second.uid == uid;
}

}  // namespace live::simulator
