// SPDX-License-Identifier: Apache-2.0
// E: media that is sent again (by a new connection, an edge server that reconnected, a server that loops the
// last seconds) is known by the hashes of its payloads and dropped. Only this rule holds more than a second
// of media.
#pragma once
#include <optional>

#include "recorder/flv/repeat_memory.hpp"
#include "recorder/flv/ring_queue.hpp"
#include "recorder/flv/rule.hpp"

namespace live::flv {

class RepeatsRule final : public Rule {
 public:
  static constexpr std::size_t most_bytes = std::size_t{12} << 20;  // buffer "repeats"
  static constexpr std::int64_t longest_hold = 20'000;
  static constexpr int gops_of_a_loop = 10;
  // Silence is always the same frame: only so many different audio frames prove anything.
  static constexpr std::size_t distinct_audio = 3;
  static constexpr std::size_t audio_without_proof = 64;
  // Pictures of a still image are smaller than this, and equal without being sent again.
  static constexpr std::size_t still_picture_bytes = 256;
  // Behind a new connection that many GOPs of a still image are taken for the server's cache.
  static constexpr int still_gops_of_a_cache = 4;

  using Rule::Rule;
  void apply(Action&& action) override;
  void settle() override;
  void resume(const Resumption& from) override;
  void flush() override;

  std::size_t held_bytes() const { return bytes_; }
  RepeatMemory& memory() { return memory_; }
  const RepeatMemory& memory() const { return memory_; }

 private:
  struct Held {
    Action action;
    bool known = false;
    bool dropped = false;
    const Media* media() const { return std::get_if<Media>(&action); }
  };

  void on_boundary(const Boundary& boundary);
  void on_media(Media&& media);
  void take(Media&& media);
  void hold(Media&& media);
  void judge_gop();
  void release_at_limit();
  void judge_audio_run();
  bool gop_is_chance(std::size_t end) const;
  void drop_gop(std::size_t end);

  std::optional<std::size_t> last_known(TagType type) const;
  void decide();
  void join_seamless(std::size_t last);
  void keep_last_gop(std::size_t last);
  void drop_at_end();
  void remove_dropped(FindingKind kind);
  void rebase();
  RingQueue<Held> end_hold();
  void release_all();
  void take_again();
  void pass(Media&& media);
  bool video_mode() const { return memory_.has_video() || held_video_ > 0; }
  bool too_much() const;

  RepeatMemory memory_;
  bool holding_ = false;
  bool by_boundary_ = false;      // a boundary began the hold, not the hash of a key frame alone
  bool expects_overlap_ = false;  // and it is one after which servers send the last seconds again
  RingQueue<Held> held_;
  std::size_t owned_ = 0;
  std::size_t bytes_ = 0;
  std::size_t held_video_ = 0;
  int gops_in_a_row_ = 0;
  bool resumed_ = false;  // what is remembered is in a file of an earlier pipeline
};

}  // namespace live::flv
