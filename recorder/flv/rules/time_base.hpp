// SPDX-License-Identifier: Apache-2.0
// D, first half: source times without wraps, and the number of the time base that each tag belongs to. Looks
// at source times alone; where the tags come to lie is decided by `timeline`.
#pragma once
#include <array>
#include <optional>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class TimeBaseRule final : public Rule {
 public:
  // A step to the tag before it (of its type, or of any) within these is normal; else time has jumped.
  static constexpr std::int64_t most_back = 500;
  static constexpr std::int64_t most_forward = 1000;
  // How long tags of the base before a jump are still known.
  static constexpr std::int64_t straggler_span = 3000;
  // As many stragglers in a row, and it was the jump that was the exception.
  static constexpr int stragglers_to_return = 8;

  using Rule::Rule;
  void apply(Action&& action) override;
  void resume(const Resumption& from) override;

 private:
  struct Base {
    std::uint32_t number = 0;
    std::array<std::optional<std::int64_t>, 2> last;  // by type
    std::optional<std::int64_t> last_any;

    bool holds(std::int64_t raw, std::size_t type) const;
    void saw(std::int64_t raw, std::size_t type);
  };

  std::int64_t unwrap(const Media& media);
  void place(Media& media);
  bool is_straggler(const Media& media);
  void jump(Media& media);

  bool started_ = false;
  bool extension_used_ = false;
  bool wrapped_ = false;  // at 2^24, in this connection
  std::uint32_t previous_timestamp_ = 0;
  std::int64_t previous_raw_ = 0;

  Base current_;
  std::optional<Base> before_;   // the base before the last jump
  std::int64_t before_end_ = 0;  // its last time at the jump
  std::int64_t current_start_ = 0;
  int stragglers_ = 0;  // since the last tag of the current base
  std::uint32_t next_number_ = 1;
};

}  // namespace live::flv
