// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/timeline.hpp"

#include <algorithm>

namespace live::hls {
namespace {

// t / from * to rounded down, without overflow for the times that parse_segment lets through.
std::int64_t rescale(std::int64_t t, std::int64_t from, std::int64_t to) {
  std::int64_t whole = t / from;
  std::int64_t rest = t % from;
  if (rest < 0) {
    rest += from;
    --whole;
  }
  return whole * to + rest * to / from;
}

std::int64_t raw(const TrackRun& run) { return static_cast<std::int64_t>(run.decode_time); }

}  // namespace

void Timeline::start(const InitSegment& init, const Fragment& first) {
  places_.clear();
  for (const Track& track : init.tracks) {
    places_.emplace_back();
    places_.back().timescale = track.timescale;
  }
  const TrackRun* earliest = &first.runs.front();
  const auto microseconds = [this](const TrackRun& run) {
    return rescale(raw(run), places_[run.track].timescale, 1'000'000);
  };
  for (const TrackRun& run : first.runs) {
    if (microseconds(run) < microseconds(*earliest)) earliest = &run;
  }
  move(raw(*earliest), places_[earliest->track].timescale);
}

void Timeline::move(std::int64_t ticks, std::int64_t timescale) {
  // Rounded down: another track rather begins a tick late than a tick early.
  for (Place& place : places_) place.shift += rescale(ticks, timescale, place.timescale);
}

std::int64_t Timeline::delta(const TrackRun& run) const {
  const Place& place = places_[run.track];
  return raw(run) - place.shift - place.end;
}

Step Timeline::step(const Fragment& fragment) const {
  Step step;
  bool first = true;
  for (const TrackRun& run : fragment.runs) {
    const Place& place = places_[run.track];
    if (!place.used) continue;
    const std::int64_t ticks = delta(run);
    const std::int64_t milliseconds = rescale(ticks, place.timescale, 1000);
    step.least_ms = first ? milliseconds : std::min(step.least_ms, milliseconds);
    step.most_ms = first ? milliseconds : std::max(step.most_ms, milliseconds);
    // Decode times rise as long as it begins behind the begin of the last sample.
    if (ticks < 0 && -ticks >= place.last_duration) step.overlaps = true;
    first = false;
  }
  return step;
}

void Timeline::join(const Fragment& fragment) {
  const TrackRun* nearest = nullptr;
  const auto microseconds = [this](const TrackRun& run) {
    return rescale(delta(run), places_[run.track].timescale, 1'000'000);
  };
  for (const TrackRun& run : fragment.runs) {
    if (!places_[run.track].used) continue;
    if (nearest == nullptr || microseconds(run) < microseconds(*nearest)) nearest = &run;
  }
  if (nearest != nullptr) move(delta(*nearest), places_[nearest->track].timescale);
}

std::uint64_t Timeline::file_time(const TrackRun& run) const {
  const Place& place = places_[run.track];
  const std::int64_t time = raw(run) - place.shift;
  // What join() rounded, and a track that turns up later with an earlier time than the file's start.
  const std::int64_t least = place.used ? place.end - std::max<std::int64_t>(place.last_duration - 1, 0) : 0;
  return static_cast<std::uint64_t>(std::max({time, least, std::int64_t{0}}));
}

void Timeline::written(const TrackRun& run, std::uint64_t time) {
  Place& place = places_[run.track];
  // A run without length may begin inside the last sample.
  place.end = std::max(place.end, static_cast<std::int64_t>(time + run.duration));
  place.last_duration = run.last_duration;
  place.used = true;
}

std::int64_t Timeline::file_ms() const {
  std::int64_t longest = 0;
  for (const Place& place : places_) longest = std::max(longest, rescale(place.end, place.timescale, 1000));
  return longest;
}

std::int64_t Timeline::raw_end_ms() const {
  std::int64_t last = 0;
  for (const Place& place : places_) {
    if (place.used) last = std::max(last, rescale(place.end + place.shift, place.timescale, 1000));
  }
  return last;
}

std::int64_t raw_ms(const InitSegment& init, const Fragment& fragment) {
  const TrackRun& run = fragment.runs.front();
  return rescale(raw(run), init.tracks[run.track].timescale, 1000);
}

}  // namespace live::hls
