// SPDX-License-Identifier: Apache-2.0
// H: some servers keep sending an old AVC header, or none, while the key frames carry parameter sets of their
// own. Where these say another picture size, or there is no header, one is made of them. (HEVC is only
// reported.)
#pragma once
#include <optional>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/rule.hpp"

namespace live::flv {

class InBandRule final : public Rule {
 public:
  using Rule::Rule;
  void apply(Action&& action) override;

 private:
  bool is_stale(const Header& header) const;
  void on_key_frame(const Media& media);

  Codec codec_ = Codec::none;  // of the header in force
  std::size_t length_size_ = 4;
  std::optional<PictureSize> size_;
  std::shared_ptr<const Bytes> sent_;   // the header in force, when the server sent it
  std::shared_ptr<const Bytes> stale_;  // a header that the key frames contradict
};

// The parameter sets of an AVC key frame as avcC; empty when SPS or PPS are missing or the lengths make no
// sense.
Bytes avc_configuration(ByteView coded_data, std::size_t length_size);

}  // namespace live::flv
