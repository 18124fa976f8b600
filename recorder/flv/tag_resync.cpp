// SPDX-License-Identifier: Apache-2.0
// TagReader out of step: the search for the next sure tag.
#include <algorithm>

#include "recorder/flv/tag_reader.hpp"

namespace live::flv {
namespace {

constexpr std::size_t candidate_limit = 1024;

bool is_media_or_script(std::uint8_t type) { return type == 8 || type == 9 || type == 18; }

}  // namespace

// All 11 bytes must be there.
bool TagReader::plausible_header(std::size_t position) const {
  const std::uint8_t* head = at(position);
  return is_media_or_script(head[0]) && load_u24(head + 1) <= max_payload_size &&
         load_u24(head + 8) == stream_id_;
}

// What follows a tag whose back pointer does not fit. At the end of the stream nothing need follow.
TagReader::Check TagReader::check_next(std::size_t position) const {
  const std::size_t left = end_ - position;
  if (left >= tag_header_size) return plausible_header(position) ? Check::good : Check::bad;
  if (left > 0 && !is_media_or_script(*at(position))) return Check::bad;
  return ended_ ? Check::good : Check::unknown;
}

// Whether a tag stands at `position`, where a plausible header does. `proof` is the end of the bytes that say
// so.
TagReader::Check TagReader::check_candidate(std::size_t position, std::size_t& proof) const {
  const std::size_t whole = tag_header_size + load_u24(at(position) + 1);
  if (end_ - position < whole + back_pointer_size) return ended_ ? Check::bad : Check::unknown;
  proof = position + whole + back_pointer_size;
  if (load_u32(at(position + whole)) == whole) return Check::good;
  const std::size_t next = proof;
  proof += tag_header_size;
  if (end_ - next >= tag_header_size) return plausible_header(next) ? Check::good : Check::bad;
  return ended_ ? Check::bad : Check::unknown;
}

void TagReader::lose_sync() {
  state_ = State::resync;
  scanned_ = begin_ + 1;
  candidates_.clear();
  skipped_ = 0;
  lost_at_ = arrival_;
}

void TagReader::found_sync(std::size_t position) {
  report(FindingKind::resync, skipped_ + (position - begin_));
  resynced_ = true;
  begin_ = position;
  candidates_.clear();
  skipped_ = 0;
  state_ = State::tags;
}

bool TagReader::past_limits() const {
  return skipped_ > limits_.resync_bytes || arrival_ - lost_at_ > limits_.resync_ms;
}

// A candidate whose end has not come yet does not stop the search behind it: if it is a true tag, a second
// one inside its body would have to fit by chance in 6 bytes; if it is not, the next true tag is close. Of
// several the one that is proved first counts, so that it does not matter in which pieces the bytes come.
TagReader::Step TagReader::search() {
  std::optional<std::size_t> found;
  std::size_t found_proof = 0;
  const auto check = [&](std::size_t position) {
    std::size_t proof = 0;
    const Check result = check_candidate(position, proof);
    if (result == Check::good && (!found || proof < found_proof)) {
      found = position;
      found_proof = proof;
    }
    return result;
  };
  std::erase_if(candidates_, [&](std::size_t position) { return check(position) == Check::bad; });
  for (; scanned_ + tag_header_size <= end_; ++scanned_) {
    if (found && scanned_ + tag_overhead >= found_proof) break;
    if (!is_media_or_script(*at(scanned_)) || !plausible_header(scanned_)) continue;
    if (check(scanned_) == Check::unknown && candidates_.size() < candidate_limit)
      candidates_.push_back(scanned_);
  }
  if (found) {
    found_sync(*found);
    return Step::again;
  }
  const std::size_t keep = candidates_.empty() ? std::min(scanned_, end_) : candidates_.front();
  skipped_ += keep - begin_;
  begin_ = keep;
  if (past_limits()) {
    report(FindingKind::resync_failed, skipped_ + filled());
    state_ = State::gave_up;
    begin_ = end_;
  }
  return Step::need_more;
}

}  // namespace live::flv
