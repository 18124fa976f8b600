// SPDX-License-Identifier: Apache-2.0
// New files at limits of duration and size and on request: in front of a key frame, so that nothing is lost
// or doubled. Stands behind the merge, where tags come in the order in which they are written.
#pragma once
#include <cstdint>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class SplitRule final : public Rule {
 public:
  // Header, script tag with its index, sequence headers.
  static constexpr std::uint64_t file_overhead = 128'000;
  // FLV times are signed 32-bit milliseconds; this leaves ten minutes to find a key frame.
  static constexpr std::int64_t longest_file = (std::int64_t{1} << 31) - 600'000;

  using Rule::Rule;
  void apply(Action&& action) override;
  void request() { requested_ = true; }

 private:
  void on_media(Media&& media);
  void measure(const Media& media, bool may_split);
  bool due(CloseReason& reason, std::int64_t now) const;
  void begin_file();

  bool requested_ = false;
  bool has_video_ = false;  // in the stream as it is now
  bool file_began_ = false;
  std::int64_t file_start_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::int64_t gop_start_ = 0;
  std::uint64_t gop_bytes_ = 0;
  std::int64_t longest_gop_ = 0;
  std::uint64_t largest_gop_ = 0;
};

}  // namespace live::flv
