// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/assembler.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace live::hls {
namespace {

FindingKind finding_of(std::size_t reason) {
  switch (static_cast<LossReason>(reason)) {
    case LossReason::missing:
      return FindingKind::segment_missing;
    case LossReason::damaged:
      return FindingKind::segment_damaged;
    case LossReason::window:
      break;
  }
  return FindingKind::window_passed;
}

}  // namespace

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::end:
      return "end";
    case CloseReason::configuration_changed:
      return "codec_changed";
    case CloseReason::not_joined:
      return "not_joined";
    case CloseReason::duration_limit:
      return "duration_limit";
    case CloseReason::size_limit:
      return "size_limit";
    case CloseReason::requested:
      return "requested";
    case CloseReason::time_limit:
      return "time_limit";
  }
  return "end";
}

void Assembler::resume(const Resumption& from) {
  for (const std::uint64_t hash : from.hashes) memory_.add(hash);
  resumed_ = from;
  resumed_->hashes.clear();
  boundary_ = true;
}

void Assembler::connection_started() {
  boundary_ = true;
  repeats_ = 0;
}

void Assembler::lost(LossReason reason, std::uint64_t segments, std::int64_t estimated_ms) {
  Loss& loss = losses_[static_cast<std::size_t>(reason)];
  loss.segments += segments;
  loss.estimated_ms += std::max(estimated_ms, std::int64_t{1});
  follows_ = false;
}

std::int64_t Assembler::estimated_loss() const {
  std::int64_t sum = 0;
  for (const Loss& loss : losses_) sum += loss.estimated_ms;
  return sum;
}

void Assembler::segment(const SegmentInput& input, std::span<std::uint8_t> bytes, std::int64_t arrival_ms) {
  arrival_ms_ = arrival_ms;
  const Result<MediaSegment> parsed = parse_segment(bytes, *input.init);
  if (!parsed) {
    lost(LossReason::damaged, 1, input.duration_ms);
    return;
  }
  if (input.new_timeline) new_timeline_ = true;
  if (input.new_timeline || input.discontinuity) boundary_ = true;
  segment_repeats_ = false;
  use_init(input.init, parsed->fragments.front());
  if (input.discontinuity) report(FindingKind::discontinuity, parsed->fragments.front());
  for (const Fragment& fragment : parsed->fragments) take(input, bytes, fragment);
  repeats_ = segment_repeats_ ? repeats_ + 1 : 0;
  if (repeats_ == most_repeats) report(FindingKind::server_loops, parsed->fragments.front());
}

void Assembler::take(const SegmentInput& input, std::span<std::uint8_t> bytes, const Fragment& fragment) {
  const std::uint64_t size = fragment.end - fragment.begin;
  const std::uint64_t hash = RepeatMemory::hash_of(bytes, fragment);
  const bool doubtful = boundary_ || estimated_loss() > 0 || (open_ && timeline_.step(fragment).overlaps);
  if (doubtful && memory_.contains(hash)) {
    segment_repeats_ = true;
    overlapped_ = true;
    follows_ = memory_.is_newest(hash);
    report(FindingKind::repeat_removed, fragment, size);
    return;
  }
  const bool fits = !open_ || settle(input, fragment);
  if (!fits) end(CloseReason::not_joined);
  if (open_) split_if_due(fragment);
  const bool writable = open_ || can_begin(fragment) || goes_on(fragment);
  if (writable && !open_) begin(input, fragment);
  overlapped_ = false;
  follows_ = false;
  if (!writable) {
    // What is known may still come: the boundary stands until something is written.
    report(FindingKind::before_key_frame, fragment, size);
    return;
  }
  boundary_ = false;
  memory_.add(hash);
  write(bytes, fragment);
}

void Assembler::use_init(const std::shared_ptr<const InitSegment>& init, const Fragment& fragment) {
  if (init_ == init) return;
  const std::shared_ptr<const InitSegment> before = std::move(init_);
  init_ = init;
  if (!before || before->bytes == init->bytes) return;
  if (before->configuration == init->configuration) {
    report(FindingKind::init_changed, fragment);
  } else {
    report(FindingKind::configuration_changed, fragment);
    end(CloseReason::configuration_changed);
  }
}

// Brings the fragment to where it belongs in the file's time; false when it belongs into another file.
bool Assembler::settle(const SegmentInput& input, const Fragment& fragment) {
  const Step step = timeline_.step(fragment);
  if (new_timeline_) return settle_restart(input, step, fragment);
  if (estimated_loss() > 0) {
    settle_losses(step, fragment);
  } else {
    settle_step(step, fragment);
  }
  return true;
}

bool Assembler::settle_restart(const SegmentInput& input, const Step& step, const Fragment& fragment) {
  new_timeline_ = false;
  const bool continues = !step.overlaps && step.most_ms <= joins_within_ms;
  Finding finding;
  finding.kind = FindingKind::sequence_restarted;
  finding.raw_before_ms = timeline_.raw_end_ms();
  finding.raw_after_ms = raw_ms(*init_, fragment);
  finding.file_ms = timeline_.file_ms();
  if (!continues && !overlapped_) {
    // Nothing but the clock says how long there was no stream.
    const std::int64_t silent = arrival_ms_ - last_arrival_ms_ - input.duration_ms;
    if (silent > joins_within_ms) finding.lost_ms = silent;
    finding.lost_is_estimated = true;
  }
  sink_.report(finding);
  if (continues) return true;
  if (overlapped_) timeline_.join(fragment);
  return overlapped_;
}

// The source's time says how much is lost, unless it began anew meanwhile.
void Assembler::settle_losses(const Step& step, const Fragment& fragment) {
  const bool exact = step.least_ms >= 0 && step.least_ms <= 3 * estimated_loss() + longest_step_ms;
  const std::int64_t raw_after = raw_ms(*init_, fragment);
  report_losses(exact ? std::optional(step.least_ms) : std::nullopt, raw_after);
  if (!exact || !options_.keep_gaps) timeline_.join(fragment);
}

void Assembler::report_losses(std::optional<std::int64_t> exact_ms, std::int64_t raw_after) {
  const std::int64_t sum = estimated_loss();
  std::int64_t left = exact_ms.value_or(sum);
  std::int64_t estimated_left = sum;
  for (std::size_t reason = 0; reason < losses_.size(); ++reason) {
    Loss& loss = losses_[reason];
    if (loss.segments == 0) continue;
    // With several reasons at one place each has the part that its segments should have had.
    const std::int64_t share = estimated_left > 0 ? left * loss.estimated_ms / estimated_left : left;
    Finding finding;
    finding.kind = finding_of(reason);
    finding.raw_before_ms = open_ ? timeline_.raw_end_ms() : 0;
    finding.raw_after_ms = raw_after;
    finding.file_ms = open_ ? timeline_.file_ms() : 0;
    finding.segments = loss.segments;
    finding.lost_ms = share;
    finding.lost_is_estimated = !exact_ms;
    sink_.report(finding);
    left -= share;
    estimated_left -= loss.estimated_ms;
    loss = Loss();
  }
}

void Assembler::settle_step(const Step& step, const Fragment& fragment) {
  if (step.overlaps) {
    report(FindingKind::step_back, fragment);
    timeline_.join(fragment);
  } else if (step.most_ms > longest_step_ms) {
    const std::int64_t passed = arrival_ms_ - last_arrival_ms_;
    const bool real = options_.keep_gaps && std::abs(step.most_ms - passed) < joins_within_ms;
    report(real ? FindingKind::hole_kept : FindingKind::jump, fragment);
    if (!real) timeline_.join(fragment);
  }
}

void Assembler::split_if_due(const Fragment& fragment) {
  if (!can_begin(fragment)) return;
  const std::uint64_t size = file_bytes_ + (fragment.end - fragment.begin);
  if (split_requested_) {
    end(CloseReason::requested);
  } else if (options_.split_ms > 0 && timeline_.file_ms() >= options_.split_ms) {
    end(CloseReason::duration_limit);
  } else if (options_.split_bytes > 0 && size > options_.split_bytes) {
    end(CloseReason::size_limit);
  }
}

bool Assembler::can_begin(const Fragment& fragment) const {
  const Track* video = init_->video();
  if (video == nullptr) return true;
  for (const TrackRun& run : fragment.runs) {
    if (&init_->tracks[run.track] == video) return run.starts_with_sync;
  }
  return false;
}

// The file before ends with what is in front of the fragment, so that the two together have each picture
// once.
bool Assembler::goes_on(const Fragment& fragment) const {
  if (!resumed_ || new_timeline_) return false;
  if (follows_) return true;
  if (!resumed_->source_end_ms) return false;
  return std::abs(raw_ms(*init_, fragment) - *resumed_->source_end_ms) <= follows_within_ms;
}

void Assembler::begin(const SegmentInput& input, const Fragment& fragment) {
  timeline_.start(*init_, fragment);
  split_requested_ = false;
  open_ = true;
  fragments_ = 0;
  file_bytes_ = init_->bytes.size();
  const Track* video = init_->video();
  sink_.begin_file({init_->bytes, video == nullptr ? 0 : video->sample_entry});
  // In the file's own account.
  if (!can_begin(fragment)) report(FindingKind::begins_in_gop, fragment);
  settle_resumption(input, fragment);
  if (estimated_loss() > 0) report_losses(std::nullopt, raw_ms(*init_, fragment));
  new_timeline_ = false;
}

// What is missing since the earlier end: exact where the source's time went on meanwhile, else by the clock.
void Assembler::settle_resumption(const SegmentInput& input, const Fragment& fragment) {
  if (!resumed_) return;
  const Resumption from = *std::exchange(resumed_, std::nullopt);
  if (follows_ || !from.tell_gap) return;
  const std::int64_t passed = arrival_ms_ - from.arrival_ms;
  Finding gap;
  gap.kind = FindingKind::gap;
  gap.raw_before_ms = from.source_end_ms.value_or(0);
  gap.raw_after_ms = raw_ms(*init_, fragment);
  const std::int64_t step = gap.raw_after_ms - gap.raw_before_ms;
  const bool exact =
      from.source_end_ms && !new_timeline_ && step >= -follows_within_ms && step <= passed + longest_step_ms;
  gap.lost_ms = std::max<std::int64_t>(0, exact ? step : passed - input.duration_ms);
  gap.lost_is_estimated = !exact;
  // What did not come of the window is part of it.
  for (const Loss& loss : std::exchange(losses_, {})) gap.segments += loss.segments;
  if (gap.lost_ms > follows_within_ms) sink_.report(gap);
}

void Assembler::write(std::span<std::uint8_t> bytes, const Fragment& fragment) {
  for (const TrackRun& run : fragment.runs) {
    const std::uint64_t time = timeline_.file_time(run);
    const bool fits = set_decode_time(bytes, run, time);
    if (fits) {
      timeline_.written(run, time);
      continue;
    }
    // The file is full of time. Its successor begins with the next key frame.
    end(CloseReason::time_limit);
    report(FindingKind::before_key_frame, fragment, fragment.end - fragment.begin);
    return;
  }
  place_fragment(bytes, fragment, ++fragments_, file_bytes_);
  last_arrival_ms_ = arrival_ms_;
  file_bytes_ += fragment.end - fragment.begin;
  sink_.append_media(bytes.subspan(fragment.begin, fragment.end - fragment.begin), timeline_.file_ms(),
                     timeline_.raw_end_ms());
}

void Assembler::end(CloseReason reason) {
  if (!open_) return;
  open_ = false;
  sink_.end_file(reason);
}

void Assembler::finish() {
  if (open_ && estimated_loss() > 0) report_losses(std::nullopt, timeline_.raw_end_ms());
  end(CloseReason::end);
  init_.reset();
  losses_ = {};
  resumed_.reset();
  new_timeline_ = false;
  boundary_ = true;
}

void Assembler::report(FindingKind kind, const Fragment& fragment, std::uint64_t bytes) {
  Finding finding;
  finding.kind = kind;
  if (init_) finding.raw_after_ms = raw_ms(*init_, fragment);
  if (open_) {
    finding.raw_before_ms = timeline_.raw_end_ms();
    finding.file_ms = timeline_.file_ms();
  }
  finding.segments = bytes > 0 ? 1 : 0;
  finding.bytes = bytes;
  sink_.report(finding);
}

}  // namespace live::hls
