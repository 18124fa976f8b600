// SPDX-License-Identifier: Apache-2.0
// G: a connection that comes in time goes on in the file of the one before; a later one begins a new file.
#pragma once
#include <optional>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class JoinRule final : public Rule {
 public:
  static constexpr ArrivalTime longest_pause = 60'000;

  using Rule::Rule;
  void apply(Action&& action) override;
  void resume(const Resumption& from) override;

 private:
  std::optional<ArrivalTime> last_media_;
  bool connection_began_ = false;
};

}  // namespace live::flv
