// SPDX-License-Identifier: Apache-2.0
// Times of the stream on times of one file: tracks keep their distance to each other, the file begins at 0
// and goes on. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "recorder/hls/media_segment.hpp"

namespace live::hls {

// Where a fragment begins, seen from the end of what was written.
struct Step {
  std::int64_t least_ms = 0;  // of all tracks; negative: before that end
  std::int64_t most_ms = 0;
  bool overlaps = false;  // a track would not rise
};

class Timeline {
 public:
  // A file begins with this fragment.
  void start(const InitSegment& init, const Fragment& first);
  Step step(const Fragment& fragment) const;
  // From this fragment on times are such that it follows without a hole or an overlap.
  void join(const Fragment& fragment);
  // In the file, in ticks of the run's track.
  std::uint64_t file_time(const TrackRun& run) const;
  // The run stands in the file at `time`; each run before the next is asked for its time.
  void written(const TrackRun& run, std::uint64_t time);

  std::int64_t file_ms() const;     // length of the file
  std::int64_t raw_end_ms() const;  // source time of its end

 private:
  struct Place {
    std::int64_t timescale = 1;
    std::int64_t shift = 0;  // source time - file time, in ticks
    std::int64_t end = 0;    // file time behind the last sample
    std::int64_t last_duration = 0;
    bool used = false;
  };
  std::int64_t delta(const TrackRun& run) const;
  void move(std::int64_t ticks, std::int64_t timescale);

  std::vector<Place> places_;
};

// Source time at which a fragment begins.
std::int64_t raw_ms(const InitSegment& init, const Fragment& fragment);

}  // namespace live::hls
