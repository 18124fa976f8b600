// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/split.hpp"

#include <algorithm>

namespace live::flv {

void SplitRule::begin_file() {
  file_began_ = false;
  file_bytes_ = 0;
  has_video_ = false;
  requested_ = false;
}

void SplitRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
    return;
  }
  if (std::holds_alternative<NewFile>(action)) begin_file();
  emit(std::move(action));
}

// The limits hold for the file with the next GOP in it, as far as the largest one so far tells.
bool SplitRule::due(CloseReason& reason, std::int64_t now) const {
  const PipelineOptions& options = context().options;
  const std::int64_t duration = now - file_start_;
  if (requested_) {
    reason = CloseReason::requested;
  } else if (options.split_ms > 0 && duration + longest_gop_ > options.split_ms) {
    reason = CloseReason::duration_limit;
  } else if (options.split_bytes > 0 && file_overhead + file_bytes_ + largest_gop_ > options.split_bytes) {
    reason = CloseReason::size_limit;
  } else if (duration > longest_file) {
    reason = CloseReason::time_limit;
  } else {
    return false;
  }
  return true;
}

void SplitRule::measure(const Media& media, bool may_split) {
  if (may_split) {
    longest_gop_ = std::max(longest_gop_, media.out - gop_start_);
    largest_gop_ = std::max(largest_gop_, gop_bytes_);
    gop_start_ = media.out;
    gop_bytes_ = 0;
  }
  gop_bytes_ += media.payload.size() + tag_overhead;
}

void SplitRule::on_media(Media&& media) {
  has_video_ = has_video_ || media.is_video();
  const bool may_split = has_video_ ? media.is_key() : true;
  if (!file_began_) {
    gop_start_ = media.out;
    gop_bytes_ = 0;
  }
  measure(media, may_split && file_began_);
  CloseReason reason = CloseReason::requested;
  if (file_began_ && may_split && due(reason, media.out)) {
    const bool video = has_video_;
    begin_file();
    has_video_ = video;
    emit(NewFile{reason, media.arrival, false});
  }
  if (!file_began_) {
    file_began_ = true;
    file_start_ = media.out;
  }
  file_bytes_ += media.payload.size() + tag_overhead;
  emit(std::move(media));
}

}  // namespace live::flv
