// SPDX-License-Identifier: Apache-2.0
// New files at limits of duration and size and on request: in front of a key frame, so that nothing is lost
// or doubled. Stands behind the merge, where tags come in the order in which they are written.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "recorder/flv/own_metadata.hpp"
#include "recorder/flv/rule.hpp"

namespace live::flv {

class SplitRule final : public Rule {
 public:
  // Header and script tag with its index, at most; sequence headers come on top.
  static constexpr std::uint64_t file_overhead = file_header_size + back_pointer_size + tag_overhead +
                                                 largest_metadata_body(KeyframeIndex::usual_capacity);
  // FLV times are signed 32-bit milliseconds; this leaves ten minutes to find a key frame.
  static constexpr std::int64_t longest_file = (std::int64_t{1} << 31) - 600'000;
  // Room is left for a GOP as large as the largest so far. One that is larger moves to the next file as a
  // whole: copies of so much of it are kept, near the limit only. Buffer "split".
  static constexpr std::size_t most_copied = std::size_t{8} << 20;

  using Rule::Rule;
  void apply(Action&& action) override;
  void resume(const Resumption& from) override;
  void flush() override { forget_copies(); }
  // At the next key frame; nothing to do when no file has begun.
  void request() { requested_ = file_began_; }

  std::size_t held_bytes() const { return copied_bytes_; }

 private:
  void on_media(Media&& media);
  void measure(const Media& media, bool may_split);
  bool due(CloseReason& reason, std::int64_t now) const;
  void begin_file();
  std::uint64_t file_size() const;
  void note_header(const Header& header);

  void pass(Media&& media);
  void begin_next(CloseReason reason, ArrivalTime arrival);
  bool would_pass_limit(const Media& media) const;
  void move_gop(const Media& media);
  void copy(const Media& media, bool begins_gop);
  void forget_copies();

  bool requested_ = false;
  bool has_video_ = false;  // in the stream as it is now
  bool file_began_ = false;
  std::int64_t file_start_ = 0;
  std::uint64_t file_bytes_ = 0;  // of media
  std::array<std::uint64_t, 2> header_bytes_{};
  std::int64_t gop_start_ = 0;
  std::uint64_t gop_bytes_ = 0;
  std::int64_t longest_gop_ = 0;
  std::uint64_t largest_gop_ = 0;
  bool gop_is_first_ = true;   // of the file
  bool over_limit_ = false;    // said so already, of this file
  std::vector<Media> copies_;  // of the GOP that is being written; empty far from the limit
  std::size_t copied_bytes_ = 0;
};

}  // namespace live::flv
