// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/split.hpp"

#include <algorithm>
#include <utility>

#include "recorder/flv/resumption.hpp"

namespace live::flv {

void SplitRule::begin_file() {
  file_began_ = false;
  file_bytes_ = 0;
  has_video_ = false;
  requested_ = false;
  over_limit_ = false;
  gop_is_first_ = true;
  forget_copies();
}

void SplitRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
    return;
  }
  if (std::holds_alternative<NewFile>(action)) begin_file();
  if (const auto* header = std::get_if<Header>(&action)) note_header(*header);
  emit(std::move(action));
}

// One that comes while a file is open is written where it is; all stand at the head of the next file.
void SplitRule::note_header(const Header& header) {
  std::uint64_t& known = header_bytes_[header.index()];
  known = header.bytes().empty() ? 0 : header.bytes().size() + tag_overhead;
}

void SplitRule::resume(const Resumption& from) {
  if (!from.file || !from.end()) return;
  const Resumption::File& file = *from.file;
  file_began_ = true;
  has_video_ = from.last_time[0].has_value();
  file_start_ = 0;
  for (const std::optional<Header>& header : file.headers) {
    if (header) note_header(*header);
  }
  file_bytes_ = file.size - std::min(file.size, file_size());
  gop_start_ = file.key_time;
  gop_bytes_ = file.size - std::min(file.size, file.key_position);
  longest_gop_ = file.longest_gop;
  largest_gop_ = file.largest_gop;
  gop_is_first_ = false;
}

// The limits hold for the file with the next GOP in it, as far as the largest one so far tells.
bool SplitRule::due(CloseReason& reason, std::int64_t now) const {
  const PipelineOptions& options = context().options;
  const std::int64_t duration = now - file_start_;
  if (requested_) {
    reason = CloseReason::requested;
  } else if (options.split_ms > 0 && duration + longest_gop_ > options.split_ms) {
    reason = CloseReason::duration_limit;
  } else if (options.split_bytes > 0 && file_size() + largest_gop_ > options.split_bytes) {
    reason = CloseReason::size_limit;
  } else if (duration > longest_file) {
    reason = CloseReason::time_limit;
  } else {
    return false;
  }
  return true;
}

std::uint64_t SplitRule::file_size() const {
  return file_overhead + header_bytes_[0] + header_bytes_[1] + file_bytes_;
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

void SplitRule::pass(Media&& media) {
  if (!file_began_) {
    file_began_ = true;
    file_start_ = media.out;
  }
  file_bytes_ += media.payload.size() + tag_overhead;
  emit(std::move(media));
}

void SplitRule::begin_next(CloseReason reason, ArrivalTime arrival) {
  const bool video = has_video_;
  begin_file();
  has_video_ = video;
  emit(NewFile{reason, arrival, false});
}

bool SplitRule::would_pass_limit(const Media& media) const {
  const std::uint64_t limit = context().options.split_bytes;
  return limit > 0 && file_size() + media.payload.size() + tag_overhead > limit;
}

void SplitRule::forget_copies() {
  copies_.clear();
  copied_bytes_ = 0;
}

// Only where a GOP of the size that can be taken back may pass the limit.
void SplitRule::copy(const Media& media, bool begins_gop) {
  const std::uint64_t limit = context().options.split_bytes;
  if (begins_gop) {
    forget_copies();
    if (gop_is_first_ || !has_video_ || limit == 0 || file_size() + most_copied < limit) return;
  } else if (copies_.empty()) {
    return;
  }
  if (copied_bytes_ + media.payload.size() > most_copied) {
    forget_copies();
    return;
  }
  Media kept;
  kept.type = media.type;
  kept.frame = media.frame;
  kept.codec = media.codec;
  kept.enhanced = media.enhanced;
  kept.arrival = media.arrival;
  kept.raw = media.raw;
  kept.out = media.out;
  kept.payload = Payload(media.payload.bytes(), context().pool);
  copied_bytes_ += media.payload.size();
  copies_.push_back(std::move(kept));
}

// The GOP is larger than was reckoned with: it becomes the first of the next file.
void SplitRule::move_gop(const Media& media) {
  if (copies_.empty()) {
    if (!over_limit_) context().report(FindingKind::over_size_limit, media);
    over_limit_ = true;
    return;
  }
  emit(TakeBack());
  std::vector<Media> moved = std::exchange(copies_, {});
  copied_bytes_ = 0;
  begin_next(CloseReason::size_limit, moved.front().arrival);
  for (Media& one : moved) pass(std::move(one));
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
  if (may_split) {
    gop_is_first_ = !file_began_ || due(reason, media.out);
    if (file_began_ && gop_is_first_) begin_next(reason, media.arrival);
    copy(media, true);
  } else {
    if (file_began_ && would_pass_limit(media)) move_gop(media);
    copy(media, false);
  }
  pass(std::move(media));
}

}  // namespace live::flv
