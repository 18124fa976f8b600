// SPDX-License-Identifier: Apache-2.0
// The endless run of fMP4 segments that a timeline makes: pieces of about a second, cut at key frames too.
// Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "simulator/timeline.hpp"

namespace live::simulator {

struct Piece {
  std::uint64_t first = 0;  // tags [first, end) of the timeline
  std::uint64_t end = 0;
  std::uint64_t begin_ms = 0;
  std::uint64_t duration_ms = 0;
  bool key = false;  // begins with a key frame
};

class HlsSource {
 public:
  static constexpr std::uint32_t longest_piece_ms = 1000;

  explicit HlsSource(Timeline timeline);

  Piece piece(std::uint64_t number) const;
  // How many pieces are whole when `due` tags have been pushed.
  std::uint64_t whole(std::uint64_t due) const;

  // ftyp and moov. Another `width` is another configuration, another `note` other bytes of the same one.
  Bytes init(std::uint16_t width, std::uint32_t note) const;
  // moof and mdat; its times are the timeline's plus `base_ms`.
  Bytes segment(std::uint64_t number, std::uint64_t base_ms) const;

 private:
  Timeline timeline_;
  std::vector<std::size_t> begins_;  // of the pieces of one loop, indices into the media tags
  std::uint32_t sample_rate_ = 44'100;
};

}  // namespace live::simulator
