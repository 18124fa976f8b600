// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/file_start.hpp"

#include <algorithm>

#include "recorder/flv/resumption.hpp"
#include "recorder/flv/rules/time_base.hpp"

namespace live::flv {
namespace {
constexpr std::size_t video = 0;
constexpr std::size_t audio = 1;
constexpr std::int64_t longest_step = 100;
}  // namespace

void FileStartRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
  } else if (auto* header = std::get_if<Header>(&action)) {
    on_header(std::move(*header));
  } else if (const auto* metadata = std::get_if<Metadata>(&action)) {
    metadata_ = metadata->values;
  } else if (const auto* file = std::get_if<NewFile>(&action)) {
    on_new_file(*file);
  } else if (std::holds_alternative<TakeBack>(action)) {
    take_back();
  }
}

void FileStartRule::on_header(Header&& header) {
  const std::size_t type = header.index();
  const bool same = headers_[type] && std::ranges::equal(headers_[type]->bytes(), header.bytes());
  if (same) return;
  // One configuration a file, whatever was dropped on the way here.
  if (is_open_ && headers_[type]) on_new_file({CloseReason::codec_changed, header.arrival, false});
  if (is_open_ && header.body) {
    OutputTag tag;
    tag.type = header.type;
    tag.frame = header.is_video() ? Frame::key : Frame::audio;
    tag.is_header = true;
    tag.time = last_time_;
    tag.arrival = header.arrival;
    tag.payload = header.bytes();
    sink_.write(tag);
  }
  // Audio that waits for a picture was made for the configuration before.
  if (!is_open_ && type == audio && headers_[audio] && !start_.empty()) drop_audio();
  headers_[type] = std::move(header);
}

void FileStartRule::drop_audio() {
  for (std::size_t left = start_.size(); left > 0; --left) {
    Media media = start_.pop();
    if (media.is_video()) {
      start_.push(std::move(media));
      continue;
    }
    context().report(FindingKind::before_file_start, media);
    bytes_ -= media.payload.size();
  }
  owned_ = 0;
  first_audio_.reset();
  audio_seen_ = false;
}

// Audio that still waits for the first picture of a stream with pictures is not worth a file of its own: it
// goes on waiting, for the next one.
void FileStartRule::on_new_file(const NewFile& file) {
  const bool worth = key_time_ || (!headers_[video] && !file.first_video);
  if (!is_open_ && !start_.empty() && worth) open();
  if (is_open_) {
    if (file.reason == CloseReason::codec_changed)
      context().reporter.report(context().finding(FindingKind::header_changed, file.arrival));
    sink_.close_file(file.reason);
  }
  is_open_ = false;
  picture_written_ = false;
  context().continues_gop = false;
}

void FileStartRule::on_media(Media&& media) {
  const bool wants_key = is_open_ ? !picture_written_ : !key_time_ && !context().continues_gop;
  if (media.is_video() && wants_key && !media.is_key()) {
    context().report(FindingKind::before_key_frame, media);
    return;
  }
  close_hole(media);
  if (is_open_) {
    write(std::move(media));
  } else {
    wait(std::move(media));
  }
}

void FileStartRule::wait(Media&& media) {
  if (media.is_video()) {
    if (!key_time_) {
      if (media.is_key()) {
        drop_before(media);
      } else {
        context().report(FindingKind::begins_in_gop, media);
      }
      key_time_ = media.out;
      tags_since_key_ = 0;
    }
  } else {
    audio_seen_ = true;
    if (!first_audio_) first_audio_ = media.out;
  }
  ++tags_since_key_;
  bytes_ += media.payload.size();
  const ArrivalTime arrival = media.arrival;
  start_.push(std::move(media));
  if (bytes_ > most_bytes) {
    context().reporter.report(context().finding(FindingKind::hold_limit, arrival, start_.size(), bytes_));
    open();
  } else if (ready()) {
    open();
  }
}

void FileStartRule::drop_before(const Media& key_frame) {
  audio_seen_ = false;
  const std::size_t count = start_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Media media = start_.pop();
    if (media.out >= key_frame.out - longest_lead) {
      audio_seen_ = true;
      start_.push(std::move(media));
      continue;
    }
    context().report(FindingKind::before_file_start, media);
    bytes_ -= media.payload.size();
  }
  owned_ = 0;
}

bool FileStartRule::ready() const {
  const std::int64_t now = start_[start_.size() - 1].out;
  if (!key_time_) return now - *first_audio_ >= longest_wait;
  return audio_seen_ || tags_since_key_ >= most_tags || now - *key_time_ >= longest_start;
}

void FileStartRule::open() {
  FileHeaders headers;
  if (metadata_) headers.metadata = *metadata_;
  if (headers_[video]) {
    headers.video_header = headers_[video]->bytes();
    headers.video_codec = headers_[video]->codec;
    headers.video_enhanced = headers_[video]->enhanced;
  }
  if (headers_[audio]) {
    headers.audio_header = headers_[audio]->bytes();
    headers.audio_codec = headers_[audio]->codec;
    headers.audio_enhanced = headers_[audio]->enhanced;
  }
  base_ = start_.front().out;
  headers.arrival = start_.front().arrival;
  headers.base = base_;
  is_open_ = true;
  picture_written_ = false;
  last_time_ = 0;
  sink_.open_file(headers);
  while (!start_.empty()) write(start_.pop());
  owned_ = 0;
  bytes_ = 0;
  key_time_.reset();
  first_audio_.reset();
  audio_seen_ = false;
  context().continues_gop = false;
}

// What was dropped on the way here (pictures without a key frame or a header) may leave a hole that the time
// base rule did not see. It is closed as one that it sees, before anything is decided by time: a second pass
// must find the same times.
void FileStartRule::close_hole(Media& media) {
  if (media.is_key()) before_key_ = closing_;
  const std::size_t type = media.index();
  std::optional<std::int64_t>& last = closing_.last_of_type[type];
  media.out -= closing_.closed;
  if (context().options.gaps == Gaps::close && closing_.last_any) {
    const std::int64_t any = *closing_.last_any;
    if (media.out - any > TimeBaseRule::most_forward &&
        media.out - last.value_or(any) > TimeBaseRule::most_forward) {
      const std::int64_t time = last ? std::max(any, *last + closing_.last_step[type]) : any;
      closing_.closed += media.out - time;
      media.out = time;
    }
  }
  const std::int64_t step = media.out - last.value_or(media.out);
  if (step > 0 && step <= longest_step) closing_.last_step[type] = step;
  last = media.out;
  closing_.last_any = std::max(media.out, closing_.last_any.value_or(media.out));
}

void FileStartRule::take_back() {
  if (!is_open_) open();
  sink_.take_back();
  closing_ = before_key_;
}

void FileStartRule::write(Media&& media) {
  picture_written_ = picture_written_ || media.is_video();
  OutputTag tag;
  tag.type = media.type;
  tag.frame = media.frame;
  last_time_ = std::max(media.out - base_, last_time_);
  tag.time = last_time_;
  tag.source = media.raw;
  tag.arrival = media.arrival;
  tag.payload = media.payload.bytes();
  sink_.write(tag);
}

void FileStartRule::resume(const Resumption& from) {
  if (!from.file) return;
  headers_ = from.file->headers;
  is_open_ = true;
  picture_written_ = from.last_time[video].has_value();
  base_ = 0;
  last_time_ = from.end().value_or(0);
  closing_.last_any = from.end();
  closing_.last_of_type = from.last_time;
  before_key_ = closing_;
}

void FileStartRule::settle() {
  for (std::size_t i = owned_; i < start_.size(); ++i) start_[i].payload.own(context().pool);
  owned_ = start_.size();
}

void FileStartRule::flush() {
  if (!is_open_ && !start_.empty()) open();
  if (is_open_) sink_.close_file(CloseReason::end);
  is_open_ = false;
  picture_written_ = false;
}

}  // namespace live::flv
