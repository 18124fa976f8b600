// SPDX-License-Identifier: Apache-2.0
// C7: frames whose configuration has not come can't be decoded, and must not be looked at by any other rule.
#pragma once
#include <array>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class DecodableRule final : public Rule {
 public:
  // Codecs without a configuration change by their frames alone: so many in a row.
  static constexpr int strangers_to_believe = 8;

  using Rule::Rule;
  void apply(Action&& action) override;

 private:
  bool is_decodable(const Media& media);

  std::array<Codec, 2> configured_{Codec::none, Codec::none};  // by type: of the newest header, or frame
  std::array<int, 2> strangers_{};
};

}  // namespace live::flv
