// SPDX-License-Identifier: Apache-2.0
// The endless run of media tags that a source makes when looped, by tag number. All connections of a show
// look into the same one; none of it is stored. Pure.
#pragma once
#include <cstdint>

#include "simulator/flv_source.hpp"

namespace live::simulator {

struct TimelineTag {
  std::uint64_t loop;
  std::size_t index;      // in FlvSource::media()
  std::uint64_t time_ms;  // from the start of the show
};

class Timeline {
 public:
  explicit Timeline(Media media);

  const FlvSource& source() const { return *media_; }
  const Media& media() const { return media_; }
  TimelineTag tag(std::uint64_t number) const;
  // How many tags are due `elapsed_ms` after the start: tag numbers below that have been pushed.
  std::uint64_t due(std::uint64_t elapsed_ms) const;
  // Where a server with a GOP cache begins when `due` tags have come in: the last key frame of them; their
  // beginning when there is none yet; at the live edge without video.
  std::uint64_t cache_start(std::uint64_t due) const;
  // The first key frame from `number` on; `number` itself when the media has none.
  std::uint64_t next_key(std::uint64_t number) const;

 private:
  Media media_;
  std::vector<std::size_t> keys_;  // indices into media(), rising
  bool has_video_ = false;
};

}  // namespace live::simulator
