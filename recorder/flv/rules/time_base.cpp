// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/time_base.hpp"

#include <algorithm>

#include "recorder/flv/resumption.hpp"

namespace live::flv {
namespace {

bool is_normal(std::int64_t raw, std::optional<std::int64_t> last) {
  if (!last) return false;
  const std::int64_t step = raw - *last;
  return step >= -TimeBaseRule::most_back && step <= TimeBaseRule::most_forward;
}

}  // namespace

bool TimeBaseRule::Base::holds(std::int64_t raw, std::size_t type) const {
  return is_normal(raw, last[type]) || is_normal(raw, last_any);
}

void TimeBaseRule::Base::saw(std::int64_t raw, std::size_t type) {
  last[type] = raw;
  last_any = raw;
}

// 32-bit times wrap by themselves in the difference. Senders that never use the extension byte wrap at 2^24;
// tags of the other type may still be on the far side of that wrap for a moment, so it is undone as well.
std::int64_t TimeBaseRule::unwrap(const Media& media) {
  constexpr std::int64_t wrap = std::int64_t{1} << 24;
  constexpr std::int64_t tolerance = 2000;
  if (!started_) {
    started_ = true;
    previous_timestamp_ = media.timestamp;
    previous_raw_ = static_cast<std::int32_t>(media.timestamp);
    extension_used_ = media.timestamp >> 24 != 0;
    return previous_raw_;
  }
  std::int64_t step = static_cast<std::int32_t>(media.timestamp - previous_timestamp_);
  extension_used_ = extension_used_ || media.timestamp >> 24 != 0;
  if (!extension_used_) {
    if (step <= tolerance - wrap && step >= -tolerance - wrap) {
      step += wrap;
      wrapped_ = true;
      context().report(FindingKind::time_wrapped, media);
    } else if (wrapped_ && step >= wrap - tolerance) {
      step -= wrap;
    }
  }
  previous_timestamp_ = media.timestamp;
  previous_raw_ += step;
  return previous_raw_;
}

bool TimeBaseRule::is_straggler(const Media& media) {
  return before_ && before_->holds(media.raw, media.index()) && media.raw - before_end_ <= straggler_span &&
         current_.last_any.value_or(current_start_) - current_start_ <= straggler_span;
}

void TimeBaseRule::jump(Media& media) {
  Finding finding = context().finding(FindingKind::jump, media.arrival);
  finding.raw_before = current_.last_any.value_or(0);
  finding.raw_after = media.raw;
  before_ = current_;
  before_end_ = current_.last_any.value_or(0);
  current_ = Base();
  current_.number = next_number_++;
  current_start_ = media.raw;
  context().reporter.report(finding);
  emit(Boundary{BoundaryReason::jump, media.arrival});
}

void TimeBaseRule::place(Media& media) {
  if (!current_.last_any || current_.holds(media.raw, media.index())) {
    if (!current_.last_any) current_start_ = media.raw;
    stragglers_ = 0;
  } else if (is_straggler(media)) {
    context().report(FindingKind::straggler, media);
    before_->saw(media.raw, media.index());
    media.base = before_->number;
    if (++stragglers_ < stragglers_to_return) return;
    std::swap(current_, *before_);
    before_end_ = before_->last_any.value_or(0);
    current_start_ = media.raw;
    stragglers_ = 0;
    return;
  } else {
    jump(media);
    stragglers_ = 0;
  }
  current_.saw(media.raw, media.index());
  media.base = current_.number;
}

void TimeBaseRule::resume(const Resumption& from) {
  if (!from.end()) return;
  started_ = true;
  previous_raw_ = *from.end() + from.source_offset;
  previous_timestamp_ = static_cast<std::uint32_t>(previous_raw_);
  current_.last = {from.source(0), from.source(1)};
  current_.last_any = previous_raw_;
  current_start_ = previous_raw_;
}

void TimeBaseRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    media->raw = unwrap(*media);
    place(*media);
  } else if (const auto* boundary = std::get_if<Boundary>(&action);
             boundary != nullptr && boundary->reason == BoundaryReason::connection) {
    extension_used_ = wrapped_ = false;
  }
  emit(std::move(action));
}

}  // namespace live::flv
