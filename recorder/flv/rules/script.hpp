// SPDX-License-Identifier: Apache-2.0
// C1, C2: onMetaData is kept for the next file, every other script is dropped.
#pragma once
#include "recorder/flv/rule.hpp"

namespace live::flv {

class ScriptRule final : public Rule {
 public:
  using Rule::Rule;
  void apply(Action&& action) override;

 private:
  bool media_seen_ = false;  // since the connection began
};

// The values of an onMetaData body (Object or ECMA array, also behind @setDataFrame); nothing for other
// scripts.
std::optional<amf::Object> metadata_of(ByteView script);

}  // namespace live::flv
