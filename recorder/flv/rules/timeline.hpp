// SPDX-License-Identifier: Apache-2.0
// D, second half: where each time base comes to lie on the timeline of the output, which runs on across
// files; and how much media is missing between two of them.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "recorder/flv/rule.hpp"

namespace live::flv {

class TimelineRule final : public Rule {
 public:
  // A forward jump that the arrival times explain to within this is a hole in one and the same time base.
  // Behind a new connection the server sends the seconds before at once, so more arrival time may have
  // passed.
  static constexpr std::int64_t same_base_tolerance = 1000;
  // The same for the live edge of an earlier process, which is known less exactly.
  static constexpr std::int64_t resumed_tolerance = 3000;
  static constexpr std::int64_t longest_server_cache = 15'000;
  // How long arrivals are watched before the length of a gap is told.
  static constexpr ArrivalTime settling_time = 3000;

  using Rule::Rule;
  void apply(Action&& action) override;
  void idle(ArrivalTime now) override;
  void resume(const Resumption& from) override;
  void flush() override;

 private:
  struct Offset {
    std::uint32_t base = 0;
    std::int64_t value = 0;
  };
  // The live edge of a time base: the smallest (arrival - source time) seen.
  struct Edge {
    std::optional<std::int64_t> lag;
    std::int64_t last_raw = 0;  // of any type
    std::array<std::optional<std::int64_t>, 2> last_of_type;
    ArrivalTime last_arrival = 0;
    void saw(const Media& media);
  };
  struct OpenGap {
    Edge before;
    std::int64_t last_raw = 0;  // of the type of the first tag behind it
    std::int64_t first_raw = 0;
    ArrivalTime first_arrival = 0;
    std::int64_t interval = 0;
    LossCause cause = LossCause::source;
    std::int64_t tolerance = same_base_tolerance;
  };

  void on_anchor(const Anchor& anchor);
  void on_media(Media&& media);
  void begin_base(std::uint32_t base, std::int64_t offset);
  std::int64_t offset_of(const Media& media);
  std::int64_t offset_after_jump(const Media& media);
  bool same_base(const Media& media) const;
  std::int64_t interval(std::size_t type) const;
  void note_step(const Media& media);
  void note_small_gap(const Media& media);
  void settle_gap(ArrivalTime now, bool at_once);
  LossCause cause() const;

  std::vector<Offset> offsets_;  // of the newest bases, newest last
  std::array<std::optional<std::int64_t>, 2> last_out_;
  std::array<std::optional<std::int64_t>, 2> last_step_;
  std::int64_t audio_interval_ = 23;
  std::uint32_t newest_base_ = 0;
  bool began_ = false;
  bool overlap_ = false;  // audio up to the last one written is dropped
  bool connection_began_ = false;
  bool damaged_ = false;  // bytes were skipped since the last tag
  bool resumed_ = false;  // the edge is of an earlier pipeline
  Edge edge_;
  std::optional<OpenGap> gap_;
  std::optional<ArrivalTime> first_arrival_;
  bool arrivals_tell_ = false;  // they were not all the same
};

}  // namespace live::flv
