// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/headers.hpp"

#include <algorithm>

#include "recorder/flv/nal_units.hpp"
#include "recorder/flv/resumption.hpp"

namespace live::flv {
namespace {

constexpr std::size_t video = 0;
constexpr std::size_t audio = 1;

// Flag bits in front of the configuration do not count.
bool same_configuration(const Header& a, const Header& b) {
  return a.codec == b.codec && std::ranges::equal(a.configuration(), b.configuration());
}

bool same_picture_size(const Header& a, const Header& b) {
  return picture_size(a.codec, a.configuration()) == picture_size(b.codec, b.configuration());
}

}  // namespace

void HeadersRule::apply(Action&& action) {
  if (auto* header = std::get_if<Header>(&action)) {
    on_header(std::move(*header));
  } else if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
  } else {
    if (std::holds_alternative<NewFile>(action)) {
      file_has_media_ = false;
      seen_ = {};
    }
    emit(std::move(action));
  }
}

void HeadersRule::resume(const Resumption& from) {
  if (!from.file) return;
  current_ = from.file->headers;
  for (std::size_t type : {video, audio}) seen_[type] = from.last_time[type].has_value();
  file_has_media_ = seen_[video] || seen_[audio];
}

const std::optional<Header>& HeadersRule::newest(std::size_t type) const {
  return pending_[type] ? pending_[type] : current_[type];
}

void HeadersRule::on_header(Header&& header) {
  const std::size_t type = header.index();
  const auto report = [&](FindingKind kind) {
    context().reporter.report(context().finding(kind, header.arrival, 1, header.bytes().size()));
  };
  if (newest(type) && same_configuration(*newest(type), header)) {
    report(FindingKind::header_repeated);
    return;
  }
  if (current_[type] && same_configuration(*current_[type], header)) {
    pending_[type].reset();  // changed back before a frame of the other one came
    report(FindingKind::header_repeated);
    return;
  }
  if (type == video && leave_out_ && header.codec == current_[video]->codec &&
      same_picture_size(header, *current_[video])) {
    report(FindingKind::header_left_out);
    return;
  }
  const bool late_first_audio = type == audio && !current_[audio];
  if (!file_has_media_ || late_first_audio) {
    if (current_[type]) report(FindingKind::header_replaced);
    current_[type] = header;
    pending_[type].reset();
    emit(std::move(header));
    return;
  }
  pending_[type] = std::move(header);
  pending_began_ = false;
}

// Codecs without a configuration: their first frame says that the codec has changed.
void HeadersRule::announce_bare_codec(const Media& media) {
  const std::optional<Header>& known = newest(media.index());
  if (media.needs_header || (known && known->codec == media.codec)) return;
  Header bare;
  bare.type = media.type;
  bare.codec = media.codec;
  bare.arrival = media.arrival;
  on_header(std::move(bare));
}

// A new file begins at a key frame where there is video. Until then the type whose configuration has not
// changed goes on in the old file; frames of the changed one fit neither.
bool HeadersRule::split_now(const Media& media) {
  if (media.is_video()) return media.is_key();
  if (!pending_[audio]) return false;
  const bool has_video = seen_[video] || pending_[video];
  return !has_video || media.raw - pending_since_ > longest_wait || media.raw < pending_since_ - longest_wait;
}

bool HeadersRule::changes_too_often(const Media& key_frame) {
  splits_.push_back(key_frame.raw);
  if (splits_.size() > most_splits + 1) splits_.pop_front();
  if (splits_.size() <= most_splits) return false;
  const std::int64_t span = splits_.back() - splits_.front();
  const Header& header = *pending_[video];
  return span >= 0 && span <= split_window && current_[video] && current_[video]->codec == header.codec &&
         same_picture_size(header, *current_[video]) &&
         has_parameter_sets(header.codec, key_frame.payload.bytes().subspan(key_frame.data_offset),
                            nal_length_size(header.codec, header.configuration()));
}

void HeadersRule::switch_headers(const Media& media) {
  if (pending_[video] && media.is_key() && changes_too_often(media)) {
    leave_out_ = true;
    context().report(FindingKind::header_left_out, media);
    pending_[video].reset();
    if (!pending_[audio]) return;
  }
  emit(NewFile{CloseReason::codec_changed, media.arrival, !current_[video] && !pending_[audio]});
  file_has_media_ = false;
  seen_ = {};
  for (std::size_t type : {video, audio}) {
    if (!pending_[type]) continue;
    current_[type] = std::move(pending_[type]);
    pending_[type].reset();
    emit(Header(*current_[type]));
  }
}

void HeadersRule::on_media(Media&& media) {
  announce_bare_codec(media);
  const std::size_t type = media.index();
  if (pending_[video] || pending_[audio]) {
    if (!pending_began_) {
      pending_began_ = true;
      pending_since_ = media.raw;
    }
    if (split_now(media)) {
      switch_headers(media);
    } else if (pending_[type]) {
      context().report(FindingKind::waiting_for_split, media);
      return;
    }
  }
  file_has_media_ = true;
  seen_[type] = true;
  emit(std::move(media));
}

}  // namespace live::flv
