// SPDX-License-Identifier: Apache-2.0
// Knows what was told before: one purchase comes as up to three messages, a super chat twice, and after a
// reconnect some come again. Pure; bounded.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>

#include "base/clock.hpp"
#include "recorder/bilibili/message.hpp"

namespace live::bilibili {

class RepeatFilter {
 public:
  static constexpr std::size_t max_remembered = 4096;
  static constexpr std::size_t max_guards = 64;
  // GUARD_BUY has no number of its own: it and a toast of the same viewer and level belong together within
  // this.
  static constexpr Duration guard_window = std::chrono::seconds(3);

  // Whether an earlier message told the same; remembers this one otherwise. By the id of a super chat, of a
  // gift's purchase, of a guard's payment; comments have none that is always there and are never repeats.
  bool is_repeat(const MessageContent& content, TimePoint now);

 private:
  struct Guard {
    TimePoint when;
    std::int64_t uid = 0;
    std::string user;
    int level = 0;
    bool bought = false;   // GUARD_BUY came
    bool toasted = false;  // a toast came
  };

  bool remember(std::string_view kind, std::string_view id);
  bool is_repeated_guard(Guard guard);

  std::unordered_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;  // oldest first
  std::deque<Guard> guards_;
};

}  // namespace live::bilibili
