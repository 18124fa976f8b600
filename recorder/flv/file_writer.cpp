// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/file_writer.hpp"

#include <algorithm>
#include <array>

namespace live::flv {
namespace {

constexpr std::uint8_t audio_flag = 0x04;
constexpr std::uint8_t video_flag = 0x01;
constexpr std::uint64_t flags_offset = 4;

std::uint8_t flag_of(TagType type) { return type == TagType::audio ? audio_flag : video_flag; }

}  // namespace

FileWriter::FileWriter(ByteSink& bytes, const FileHeaders& headers, const WriterOptions& options)
    : bytes_(bytes), index_(options.index_entries) {
  if (headers.video_codec != Codec::none) flags_ |= video_flag;
  if (headers.audio_codec != Codec::none) flags_ |= audio_flag;
  const std::array<std::uint8_t, file_header_size + back_pointer_size> head{
      'F', 'L', 'V', 1, flags_, 0, 0, 0, file_header_size, 0, 0, 0, 0};
  bytes_.append(head);
  size_ = head.size();
  body_offset_ = size_ + tag_header_size;
  const Bytes body = make_metadata_body(headers, options.metadata, index_);
  places_ = find_places(body).value_or(MetadataPlaces());
  append_tag(TagType::script, 0, body);
  if (!headers.video_header.empty()) {
    index_.note_header(TagType::video, size_);
    append_tag(TagType::video, 0, headers.video_header);
  }
  if (!headers.audio_header.empty()) {
    index_.note_header(TagType::audio, size_);
    append_tag(TagType::audio, 0, headers.audio_header);
  }
}

FileWriter::FileWriter(ByteSink& bytes, const FileScan& scan)
    : bytes_(bytes),
      index_(scan.index.value_or(KeyframeIndex(KeyframeIndex::usual_capacity))),
      body_offset_(scan.body_offset),
      places_(scan.places.value_or(MetadataPlaces())),
      size_(scan.whole_size),
      media_tags_(scan.media_tags),
      video_tags_(scan.video_tags) {
  numbers_.last_ms = scan.last_ms;
  if (scan.streams[0].codec != Codec::none) flags_ |= video_flag;
  if (scan.streams[1].codec != Codec::none) flags_ |= audio_flag;
}

void FileWriter::append_tag(TagType type, std::int64_t time, ByteView payload) {
  std::array<std::uint8_t, tag_header_size> head{};
  const auto timestamp = static_cast<std::uint32_t>(time);
  head[0] = static_cast<std::uint8_t>(type);
  store_u24(&head[1], static_cast<std::uint32_t>(payload.size()));
  store_u24(&head[4], timestamp & 0xFFFFFF);
  head[7] = static_cast<std::uint8_t>(timestamp >> 24);
  std::array<std::uint8_t, back_pointer_size> pointer{};
  store_u32(pointer.data(), static_cast<std::uint32_t>(tag_header_size + payload.size()));
  bytes_.append(head);
  bytes_.append(payload);
  bytes_.append(pointer);
  size_ += tag_overhead + payload.size();
}

void FileWriter::note_flags(TagType type) {
  const std::uint8_t flag = flag_of(type);
  if ((flags_ & flag) != 0) return;
  flags_ |= flag;
  bytes_.patch(flags_offset, ByteView(&flags_, 1));
}

void FileWriter::write(const OutputTag& tag) {
  const std::uint64_t position = size_;
  if (tag.frame == Frame::key && !tag.is_header)
    before_key_ = Mark{size_, media_tags_, video_tags_, numbers_.last_ms};
  note_flags(tag.type);
  append_tag(tag.type, tag.time, tag.payload);
  if (tag.is_header) return;
  index_.note_media(tag.type, tag.frame, tag.time, position);
  ++media_tags_;
  if (tag.type == TagType::video) ++video_tags_;
  numbers_.last_ms = std::max(numbers_.last_ms, tag.time);
}

void FileWriter::take_back() {
  if (!before_key_) return;
  bytes_.truncate(before_key_->size);
  size_ = before_key_->size;
  media_tags_ = before_key_->media_tags;
  video_tags_ = before_key_->video_tags;
  numbers_.last_ms = before_key_->last_ms;
  index_.forget_last_key();
  before_key_.reset();
}

void FileWriter::update(bool with_index) {
  numbers_.duration_ms = duration_ms();
  numbers_.file_size = size_;
  numbers_.last_key = index_.last_key();
  patch_metadata(bytes_, body_offset_, places_, numbers_, with_index ? &index_ : nullptr);
}

}  // namespace live::flv
