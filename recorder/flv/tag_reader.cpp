// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/tag_reader.hpp"

#include <algorithm>
#include <cstring>

namespace live::flv {
namespace {

constexpr std::uint8_t filter_bit = 0x20;
constexpr std::size_t largest_data_offset = std::size_t{64} << 10;
// A rest up to this size is moved to the front before each read: cheap, and the same pages stay warm.
constexpr std::size_t cheap_move = std::size_t{64} << 10;
// The buffer grows only when less room than this (or than wanted) would be left.
constexpr std::size_t smallest_room = std::size_t{128} << 10;

bool is_media_or_script(std::uint8_t type) { return type == 8 || type == 9 || type == 18; }
bool is_impossible(std::uint8_t type) { return (type & ~filter_bit) >= 32; }

}  // namespace

TagReader::TagReader(Reporter& reporter, ReaderLimits limits) : reporter_(reporter), limits_(limits) {}

void TagReader::report(FindingKind kind, std::uint64_t bytes) {
  Finding finding;
  finding.kind = kind;
  finding.arrival = arrival_;
  finding.bytes = bytes;
  reporter_.report(finding);
}

void TagReader::reserve(std::size_t size) {
  if (size == capacity_) return;
  // Not make_unique: the bytes need not be zeroed.
  std::unique_ptr<std::uint8_t[]> larger(new std::uint8_t[size]);
  if (filled() > 0) std::memcpy(larger.get(), at(begin_), filled());
  const std::size_t shift = begin_;
  buffer_ = std::move(larger);
  buffer_offset_ += shift;
  capacity_ = size;
  begin_ = 0;
  end_ -= shift;
  scanned_ -= std::min(scanned_, shift);
  for (std::size_t& candidate : candidates_) candidate -= shift;
}

std::span<std::uint8_t> TagReader::prepare(std::size_t wanted) {
  if (failed()) begin_ = end_ = 0;
  wanted = std::clamp(wanted, std::size_t{1}, smallest_room);
  const std::size_t size = std::clamp(filled() + wanted, usual_buffer, max_buffer);
  if (size > capacity_ || (capacity_ > usual_buffer && size == usual_buffer)) {
    // Twice as much as is needed, so that a large tag is not moved at each of its reads.
    reserve(size > usual_buffer ? std::min(size * 2, max_buffer) : size);
  } else if (begin_ > 0 && (filled() <= cheap_move || capacity_ - end_ < wanted)) {
    std::memmove(buffer_.get(), at(begin_), filled());
    for (std::size_t& candidate : candidates_) candidate -= begin_;
    scanned_ -= std::min(scanned_, begin_);
    buffer_offset_ += begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void TagReader::commit(std::size_t count, ArrivalTime arrival) {
  arrival_ = arrival;
  if (!failed()) end_ += std::min(count, capacity_ - end_);
}

void TagReader::end_of_stream() { ended_ = true; }

std::optional<TagView> TagReader::next() {
  TagView tag;
  while (!failed()) {
    if (skip_ > 0) {
      const std::size_t now = std::min(skip_, filled());
      begin_ += now;
      skip_ -= now;
      if (skip_ > 0) break;
    }
    Step step = Step::need_more;
    switch (state_) {
      case State::start:
        step = read_start();
        break;
      case State::tags:
        step = read_tag(tag);
        break;
      case State::resync:
        step = search();
        break;
      case State::not_flv:
      case State::gave_up:
        break;
    }
    if (step == Step::tag) {
      ++tags_;
      return tag;
    }
    if (step == Step::need_more) break;
  }
  // An incomplete tag may be one whose size is wrong, with whole tags behind it.
  if (ended_ && state_ == State::tags && filled() > tag_overhead) {
    lose_sync();
    if (search() == Step::again) return next();
  }
  if (ended_ && filled() > 0 && !failed()) {
    report(FindingKind::truncated_tag, skipped_ + filled());
    begin_ = end_;
    skipped_ = 0;
    state_ = State::tags;
  }
  return std::nullopt;
}

TagReader::Step TagReader::read_start() {
  if (filled() == 0) return Step::need_more;
  if (is_media_or_script(*at(begin_))) {  // joined in the middle of a stream
    state_ = State::tags;
    return Step::again;
  }
  constexpr std::string_view signature = "FLV";
  const std::size_t known = std::min(filled(), signature.size());
  if (as_text({at(begin_), known}) != signature.substr(0, known) || (ended_ && filled() < file_header_size)) {
    state_ = State::not_flv;
    return Step::again;
  }
  if (filled() < file_header_size) return Step::need_more;
  std::size_t offset = load_u32(at(begin_ + 5));
  if (offset < file_header_size || offset > largest_data_offset) offset = file_header_size;
  skip_ = offset + back_pointer_size;
  state_ = State::tags;
  return Step::again;
}

TagReader::Step TagReader::read_tag(TagView& tag) {
  if (filled() == 0) return Step::need_more;
  const std::uint8_t* head = at(begin_);
  if (is_impossible(head[0])) {
    if (head[0] == 'F' && filled() < file_header_size + back_pointer_size && !ended_) return Step::need_more;
    if (skip_header_again()) return Step::again;
    lose_sync();
    return Step::again;
  }
  if (filled() < tag_header_size) return Step::need_more;
  const std::size_t size = load_u24(head + 1);
  if (size > max_payload_size) {
    lose_sync();
    return Step::again;
  }
  const std::size_t whole = tag_header_size + size;
  if (filled() < whole) return Step::need_more;
  if (filled() < whole + back_pointer_size) {
    if (!ended_) return Step::need_more;
    return take_tag(tag, filled(), true);  // all of the body is here
  }
  if (load_u32(head + whole) == whole) return take_tag(tag, whole + back_pointer_size, true);
  switch (check_next(begin_ + whole + back_pointer_size)) {
    case Check::good:
      return take_tag(tag, whole + back_pointer_size, false);
    case Check::unknown:
      return Step::need_more;
    case Check::bad:
      break;
  }
  lose_sync();
  return Step::again;
}

TagReader::Step TagReader::take_tag(TagView& tag, std::size_t size, bool pointer_fits) {
  const std::uint8_t* head = at(begin_);
  tag_begin_ = buffer_offset_ + begin_;
  begin_ += size;
  tag_end_ = buffer_offset_ + begin_;
  if (!pointer_fits) report(FindingKind::wrong_back_pointer);
  if ((head[0] & filter_bit) != 0) {
    report(FindingKind::encrypted_tag);
    return Step::again;
  }
  if (!is_media_or_script(head[0])) {
    report(FindingKind::foreign_tag);
    return Step::again;
  }
  stream_id_ = load_u24(head + 8);
  tag.type = static_cast<TagType>(head[0]);
  tag.timestamp = static_cast<std::uint32_t>(head[7]) << 24 | load_u24(head + 4);
  tag.payload = {head + tag_header_size, load_u24(head + 1)};
  return Step::tag;
}

// Two streams glued together: "FLV", a version, flags without strangers, offset 9, and the size of no tag.
bool TagReader::skip_header_again() {
  constexpr std::uint8_t other_flags = 0xFA;
  if (filled() < file_header_size + back_pointer_size) return false;
  const std::uint8_t* head = at(begin_);
  if (as_text({head, 3}) != "FLV" || (head[4] & other_flags) != 0 || load_u32(head + 5) != file_header_size)
    return false;
  begin_ += file_header_size + back_pointer_size;
  report(FindingKind::header_again);
  return true;
}

}  // namespace live::flv
