// SPDX-License-Identifier: Apache-2.0
// C3 to C6, C8, C9: decoder configurations. Passes a Header on only when it takes effect, behind a NewFile
// when the running file has another one.
#pragma once
#include <array>
#include <deque>
#include <optional>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class HeadersRule final : public Rule {
 public:
  // Frames of a new audio configuration wait so long for a key frame to begin the new file at.
  static constexpr std::int64_t longest_wait = 10'000;
  // So many changes of the video configuration within this time, and the key frames carry their own parameter
  // sets: the headers are left out from then on, as long as the picture keeps its size.
  static constexpr std::size_t most_splits = 5;
  static constexpr std::int64_t split_window = 60'000;

  using Rule::Rule;
  void apply(Action&& action) override;
  void resume(const Resumption& from) override;

 private:
  void on_header(Header&& header);
  void on_media(Media&& media);
  void announce_bare_codec(const Media& media);
  bool split_now(const Media& media);
  void switch_headers(const Media& media);
  const std::optional<Header>& newest(std::size_t type) const;
  bool changes_too_often(const Media& key_frame);

  std::array<std::optional<Header>, 2> current_;  // what the running file has
  std::array<std::optional<Header>, 2> pending_;  // takes effect with the next file
  std::int64_t pending_since_ = 0;
  bool pending_began_ = false;
  bool file_has_media_ = false;
  std::array<bool, 2> seen_{};  // media of that type in this file
  std::deque<std::int64_t> splits_;
  bool leave_out_ = false;
};

}  // namespace live::flv
