// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/timeline.hpp"

#include <algorithm>

#include "recorder/flv/resumption.hpp"

namespace live::flv {
namespace {

constexpr std::size_t video = 0;
constexpr std::size_t audio = 1;
constexpr std::size_t known_bases = 4;
constexpr std::int64_t video_interval = 33;
constexpr std::int64_t shortest_interval = 10;
constexpr std::int64_t longest_interval = 100;
// Audio that comes later than this behind the last of an overlap is no part of it.
constexpr std::int64_t longest_overlap_tail = 1000;
constexpr std::int64_t aac_frame_samples = 1024;

}  // namespace

void TimelineRule::Edge::saw(const Media& media) {
  const std::int64_t now = media.arrival - media.raw;
  last_raw = lag ? std::max(last_raw, media.raw) : media.raw;
  lag = lag ? std::min(*lag, now) : now;
  last_of_type[media.index()] = media.raw;
  last_arrival = media.arrival;
}

void TimelineRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
    return;
  }
  if (const auto* anchor = std::get_if<Anchor>(&action)) {
    on_anchor(*anchor);
    return;
  }
  if (const auto* rebase = std::get_if<Rebase>(&action)) {
    std::erase_if(offsets_, [&](const Offset& offset) { return offset.base == rebase->base; });
    return;
  }
  if (const auto* boundary = std::get_if<Boundary>(&action)) {
    connection_began_ = connection_began_ || boundary->reason == BoundaryReason::connection;
    damaged_ = damaged_ || boundary->reason == BoundaryReason::damage;
    return;
  }
  if (const auto* header = std::get_if<Header>(&action); header != nullptr && !header->is_video()) {
    const std::optional<AudioFormat> format = audio_format(header->codec, header->configuration());
    if (format) audio_interval_ = (aac_frame_samples * 1000 + format->sample_rate / 2) / format->sample_rate;
  }
  emit(std::move(action));
}

std::int64_t TimelineRule::interval(std::size_t type) const {
  const std::int64_t usual = type == video ? video_interval : audio_interval_;
  return last_step_[type].value_or(usual);
}

void TimelineRule::on_anchor(const Anchor& anchor) {
  const std::size_t type = anchor.type == TagType::video ? video : audio;
  const std::int64_t value = last_out_[type].value_or(0) - anchor.raw;
  overlap_ = true;
  began_ = true;
  for (Offset& offset : offsets_) {
    if (offset.base != anchor.base) continue;
    // The same source times again. What clamps and rounding did to single tags must not move the rest.
    if (std::abs(offset.value - value) > interval(type)) offset.value = value;
    return;
  }
  begin_base(anchor.base, value);
}

void TimelineRule::begin_base(std::uint32_t base, std::int64_t offset) {
  offsets_.push_back({base, offset});
  if (offsets_.size() > known_bases) offsets_.erase(offsets_.begin());
  newest_base_ = base;
  edge_ = Edge();
  resumed_ = false;
}

bool TimelineRule::same_base(const Media& media) const {
  if (!edge_.lag) return false;
  const std::int64_t jump = media.raw - edge_.last_raw;
  if (!context().options.has_clock) return jump > 0 && jump <= longest_hole_without_clock;
  if (!arrivals_tell_) return false;
  const std::int64_t passed = media.arrival - edge_.last_arrival;
  const std::int64_t cache = connection_began_ ? longest_server_cache : 0;
  return jump > 0 && jump <= passed + same_base_tolerance && jump >= passed - same_base_tolerance - cache;
}

std::int64_t TimelineRule::offset_after_jump(const Media& media) {
  const std::size_t type = media.index();
  if (!began_) return -media.raw;
  if (context().options.gaps == Gaps::keep && same_base(media)) {
    for (const Offset& offset : offsets_) {
      if (offset.base != newest_base_) continue;
      Finding finding = context().finding(FindingKind::hole_kept, media.arrival);
      finding.raw_before = edge_.last_raw;
      finding.raw_after = media.raw;
      context().reporter.report(finding);
      return offset.value;
    }
  }
  std::int64_t start = 0;
  if (last_out_[type]) start = *last_out_[type] + interval(type);
  for (const std::optional<std::int64_t>& last : last_out_) {
    if (last) start = std::max(start, *last);
  }
  return start - media.raw;
}

std::int64_t TimelineRule::offset_of(const Media& media) {
  for (const Offset& offset : offsets_) {
    if (offset.base == media.base) return offset.value;
  }
  settle_gap(media.arrival, true);
  const std::int64_t value = offset_after_jump(media);
  if (began_ && edge_.lag) {
    const std::size_t type = media.index();
    gap_ = OpenGap{
        edge_,   edge_.last_of_type[type].value_or(edge_.last_raw), media.raw, media.arrival, interval(type),
        cause(), resumed_ ? resumed_tolerance : same_base_tolerance};
  }
  begin_base(media.base, value);
  return value;
}

// The usual distance of two frames, from steps that can be one.
void TimelineRule::note_step(const Media& media) {
  const std::size_t type = media.index();
  const std::int64_t step = media.out - last_out_[type].value_or(media.out);
  if (step >= shortest_interval && step <= longest_interval) last_step_[type] = step;
  last_out_[type] = media.out;
}

LossCause TimelineRule::cause() const {
  if (connection_began_) return LossCause::connection;
  return damaged_ ? LossCause::damage : LossCause::source;
}

// A new connection in the same time base, or the stream behind bytes that were skipped, whose first tag
// follows the last one closely, but not at once.
void TimelineRule::note_small_gap(const Media& media) {
  if ((!connection_began_ && !damaged_) || overlap_) return;
  const std::size_t type = media.index();
  if (!edge_.last_of_type[type] || media.base != newest_base_) return;
  const std::int64_t missing = media.raw - *edge_.last_of_type[type] - interval(type);
  if (missing <= interval(type)) return;
  Finding finding = context().finding(FindingKind::gap, media.arrival);
  finding.raw_before = *edge_.last_of_type[type];
  finding.raw_after = media.raw;
  finding.lost_ms = missing;
  finding.cause = cause();
  context().reporter.report(finding);
}

void TimelineRule::on_media(Media&& media) {
  const std::size_t type = media.index();
  if (!first_arrival_) first_arrival_ = media.arrival;
  arrivals_tell_ = arrivals_tell_ || media.arrival != *first_arrival_;
  const std::int64_t offset = offset_of(media);
  media.out = media.raw + offset;
  if (overlap_ && type == audio) {
    if (last_out_[audio] && media.out <= *last_out_[audio] + interval(audio) / 2) {
      context().report(FindingKind::overlap_removed, media);
      return;
    }
    overlap_ = false;
  }
  if (overlap_ && media.out > last_out_[audio].value_or(media.out) + longest_overlap_tail) overlap_ = false;
  if (last_out_[type] && media.out < *last_out_[type]) {
    context().report(FindingKind::step_back, media);
    media.out = *last_out_[type];
  }
  note_small_gap(media);
  connection_began_ = false;
  damaged_ = false;
  began_ = true;
  note_step(media);
  if (media.base == newest_base_) {
    edge_.saw(media);
    resumed_ = false;
  }
  settle_gap(media.arrival, false);
  emit(std::move(media));
}

void TimelineRule::resume(const Resumption& from) {
  if (!from.end()) return;
  began_ = true;
  last_out_ = from.last_time;
  offsets_ = {{0, -from.source_offset}};
  newest_base_ = 0;
  if (!from.lag) return;
  edge_.lag = from.lag;
  edge_.last_raw = *from.end() + from.source_offset;
  edge_.last_of_type = {from.source(video), from.source(audio)};
  edge_.last_arrival = from.last_arrival;
  first_arrival_ = from.last_arrival;
  resumed_ = true;
}

void TimelineRule::idle(ArrivalTime now) { settle_gap(now, false); }

void TimelineRule::flush() { settle_gap(0, true); }

// Once the burst at the start of a connection is through, the live edges of the two bases tell how much is
// missing between them; exactly so when they agree, for then it is one base.
void TimelineRule::settle_gap(ArrivalTime now, bool at_once) {
  if (!gap_ || (!at_once && now - gap_->first_arrival < settling_time)) return;
  const OpenGap gap = *gap_;
  gap_.reset();
  if (!arrivals_tell_ || !edge_.lag) return;
  const std::int64_t shift = *edge_.lag - *gap.before.lag;
  const std::int64_t step = gap.first_raw - gap.last_raw;
  const bool exact = step > 0 && std::abs(shift) < gap.tolerance;
  Finding finding = context().finding(FindingKind::gap, gap.first_arrival);
  finding.raw_before = gap.last_raw;
  finding.raw_after = gap.first_raw;
  finding.lost_ms = std::max<std::int64_t>(0, step + (exact ? 0 : shift) - gap.interval);
  finding.lost_is_estimated = !exact;
  finding.cause = gap.cause;
  if (finding.lost_ms > 0) context().reporter.report(finding);
}

}  // namespace live::flv
