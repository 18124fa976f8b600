// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/keyframe_index.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "recorder/flv/amf.hpp"

namespace live::flv {
namespace {

constexpr std::uint8_t number_marker = 0x00;
constexpr std::uint8_t object_marker = 0x03;
constexpr std::uint8_t strict_array_marker = 0x0A;
constexpr std::uint32_t object_end = 0x000009;

void begin_array(ByteWriter& out, std::string_view key, std::size_t count) {
  amf::write_key(out, key);
  out.u8(strict_array_marker);
  out.u32(static_cast<std::uint32_t>(count));
}

void number(ByteWriter& out, double value) {
  out.u8(number_marker);
  out.f64(value);
}

}  // namespace

KeyframeIndex::KeyframeIndex(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 4)) {}

void KeyframeIndex::note_header(TagType type, std::uint64_t position) {
  const bool is_video = type == TagType::video;
  if (has_header_ && is_video && !has_video_ && entries_.size() == 1) entries_.clear();
  has_video_ = has_video_ || is_video;
  if (!entries_.empty()) return;
  has_header_ = true;
  entries_.push_back({0, position});
}

void KeyframeIndex::note_media(TagType type, Frame frame, std::int64_t time, std::uint64_t position) {
  has_video_ = has_video_ || type == TagType::video;
  const bool audio_point = !has_video_ && (seen_ == 0 || time - last_key_.time >= audio_step);
  if (frame != Frame::key && !audio_point) return;
  key_before_ = std::exchange(last_key_, {time, position});
  add(last_key_);
}

void KeyframeIndex::forget_last_key() {
  if (!entries_.empty() && entries_.back() == last_key_) entries_.pop_back();
  if (seen_ > 0) --seen_;
  last_key_ = key_before_;
}

void KeyframeIndex::add(Entry entry) {
  if (seen_ % stride_ == 0 && entries_.size() == capacity_) {
    std::size_t kept = has_header_ ? 1 : 0;
    for (std::size_t i = kept; i < entries_.size(); i += 2) entries_[kept++] = entries_[i];
    entries_.resize(kept);
    stride_ *= 2;
  }
  if (seen_ % stride_ == 0) entries_.push_back(entry);
  ++seen_;
}

Bytes KeyframeIndex::encode() const {
  ByteWriter out;
  out.data().reserve(encoded_size(capacity_));
  out.u8(object_marker);
  begin_array(out, "times", entries_.size());
  for (const Entry& entry : entries_) number(out, static_cast<double>(entry.time) / 1000.0);
  begin_array(out, "filepositions", entries_.size());
  for (const Entry& entry : entries_) number(out, static_cast<double>(entry.position));
  const std::size_t spare = 2 * (capacity_ - entries_.size());
  begin_array(out, "spacer", spare);
  for (std::size_t i = 0; i < spare; ++i) number(out, std::numeric_limits<double>::quiet_NaN());
  out.u24(object_end);
  return std::move(out).take();
}

}  // namespace live::flv
