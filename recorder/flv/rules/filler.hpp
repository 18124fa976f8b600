// SPDX-License-Identifier: Apache-2.0
// H: filler NAL units (AVC 12, HEVC 38) are taken out: encoders at a constant bitrate can spend a large part
// on them.
#pragma once
#include "recorder/flv/rule.hpp"

namespace live::flv {

class FillerRule final : public Rule {
 public:
  using Rule::Rule;
  void apply(Action&& action) override;

 private:
  void strip(Media& media);

  Codec codec_ = Codec::none;
  std::size_t length_size_ = 4;
  Bytes kept_;  // used again
};

}  // namespace live::flv
