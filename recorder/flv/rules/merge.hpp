// SPDX-License-Identifier: Apache-2.0
// F: audio and video in one order of time, without touching the times.
#pragma once
#include <array>
#include <optional>

#include "recorder/flv/ring_queue.hpp"
#include "recorder/flv/rule.hpp"

namespace live::flv {

class MergeRule final : public Rule {
 public:
  // How long a tag waits for one of the other type, in media time and in arrival time.
  static constexpr std::int64_t window = 1000;
  static constexpr std::size_t most_bytes = std::size_t{3} << 20;

  using Rule::Rule;
  void apply(Action&& action) override;
  void settle() override;
  void resume(const Resumption& from) override;
  void idle(ArrivalTime now) override;
  void flush() override;

  std::size_t held_bytes() const { return bytes_; }

 private:
  void release();
  void release_front(std::size_t type);
  void release_metadata();
  void note_limit(const Media& newest);
  std::size_t earlier() const;

  std::array<RingQueue<Media>, 2> queues_;
  std::array<std::size_t, 2> owned_{};  // how many at the front of each queue have their own bytes already
  std::array<bool, 2> expected_{};      // that type has been in the stream
  std::array<std::uint64_t, 2> pushed_{};
  std::array<std::uint64_t, 2> released_{};
  // The newest metadata waits for the tags that came before it.
  std::optional<Metadata> metadata_;
  std::array<std::uint64_t, 2> metadata_place_{};
  std::size_t bytes_ = 0;
  bool at_limit_ = false;
  std::int64_t newest_ = 0;
  std::optional<std::int64_t> last_released_;
};

}  // namespace live::flv
