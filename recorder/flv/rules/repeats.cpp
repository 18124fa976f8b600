// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/repeats.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "recorder/flv/resumption.hpp"

namespace live::flv {

void RepeatsRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    on_media(std::move(*media));
    return;
  }
  if (const auto* boundary = std::get_if<Boundary>(&action)) on_boundary(*boundary);
  if (holding_ && !std::holds_alternative<Boundary>(action)) {
    held_.push(Held{std::move(action), false, false});
  } else {
    emit(std::move(action));
  }
}

void RepeatsRule::on_boundary(const Boundary& boundary) {
  if (boundary.reason == BoundaryReason::connection) context().wants_reconnect = false;
  if (memory_.empty() || boundary.reason == BoundaryReason::damage) return;
  if (!holding_) expects_overlap_ = false;
  holding_ = true;
  by_boundary_ = true;
  expects_overlap_ = expects_overlap_ || boundary.reason == BoundaryReason::connection ||
                     boundary.reason == BoundaryReason::metadata;
}

void RepeatsRule::on_media(Media&& media) {
  media.hash = XXH3_64bits(media.payload.bytes().data(), media.payload.size());
  take(std::move(media));
}

void RepeatsRule::take(Media&& media) {
  if (!holding_ && media.is_key() && memory_.knows_key_frame(media.hash)) {
    holding_ = true;
    by_boundary_ = false;
    expects_overlap_ = false;
  }
  if (holding_) {
    hold(std::move(media));
  } else {
    pass(std::move(media));
  }
}

void RepeatsRule::pass(Media&& media) {
  memory_.add({media.hash, static_cast<std::uint32_t>(media.payload.size()), media.frame});
  emit(std::move(media));
}

void RepeatsRule::hold(Media&& media) {
  const bool known = memory_.knows(media.hash);
  const bool is_video = media.is_video();
  const bool is_key = media.is_key();
  bytes_ += media.payload.size();
  held_.push(Held{std::move(media), known, false});
  if (is_video) ++held_video_;
  if (is_video && known && is_key && held_video_ > 1) judge_gop();
  if (!holding_) return;
  if (is_video ? !known : !video_mode()) {
    if (is_video || !known) {
      decide();
      return;
    }
    judge_audio_run();
  }
  if (holding_ && too_much()) release_at_limit();
}

// Known pictures of that many seconds are no chance, but a repeat that goes on: they go without being looked
// at again.
void RepeatsRule::release_at_limit() {
  context().reporter.report(
      context().finding(FindingKind::hold_limit, held_.back().media()->arrival, held_.size(), bytes_));
  if (held_video_ > 0 && !gop_is_chance(held_.size())) {
    drop_gop(held_.size());
  } else {
    decide();
  }
}

bool RepeatsRule::too_much() const {
  if (bytes_ > most_bytes) return true;
  const Media* first = nullptr;
  for (std::size_t i = 0; i < held_.size() && first == nullptr; ++i) first = held_[i].media();
  const Media* last = held_[held_.size() - 1].media();
  if (first == nullptr || last == nullptr) return false;
  const bool one_base = first->base == last->base;
  return last->arrival - first->arrival > longest_hold || (one_base && last->raw - first->raw > longest_hold);
}

// A known key frame ends a GOP of which every picture is known: it was sent again, unless it is a still
// image.
void RepeatsRule::judge_gop() {
  const std::size_t end = held_.size() - 1;
  if (gop_is_chance(end)) {
    by_boundary_ ? take_again() : release_all();
    return;
  }
  drop_gop(end);
}

bool RepeatsRule::gop_is_chance(std::size_t end) const {
  std::size_t pictures = 0;
  std::size_t inter_bytes = 0;
  std::vector<std::uint64_t> new_audio;
  for (std::size_t i = 0; i < end; ++i) {
    const Media* media = held_[i].media();
    if (media == nullptr) continue;
    if (!media->is_video()) {
      if (!held_[i].known && std::ranges::find(new_audio, media->hash) == new_audio.end())
        new_audio.push_back(media->hash);
    } else if (!media->is_key()) {
      ++pictures;
      inter_bytes += media->payload.size();
    }
  }
  if (new_audio.size() >= distinct_audio) return true;
  if (pictures == 0) return !by_boundary_;
  const bool still = inter_bytes < pictures * still_picture_bytes;
  return still && !(expects_overlap_ && gops_in_a_row_ < still_gops_of_a_cache);
}

void RepeatsRule::drop_gop(std::size_t end) {
  ArrivalTime arrival = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const Media* media = held_[i].media();
    if (media == nullptr) continue;
    held_[i].dropped = true;
    arrival = media->arrival;
  }
  remove_dropped(FindingKind::repeat_removed);
  if (++gops_in_a_row_ == gops_of_a_loop) {
    context().reporter.report(
        context().finding(FindingKind::server_loops, arrival, static_cast<std::uint64_t>(gops_in_a_row_)));
    context().wants_reconnect = true;
  }
}

// Audio alone. As long as only known frames come, and they are different ones, they may be a repeat.
void RepeatsRule::judge_audio_run() {
  if (held_.size() < audio_without_proof) return;
  std::vector<std::uint64_t> different;
  for (std::size_t i = 0; i < held_.size() && different.size() < distinct_audio; ++i) {
    const Media* media = held_[i].media();
    if (media != nullptr && std::ranges::find(different, media->hash) == different.end())
      different.push_back(media->hash);
  }
  if (different.size() < distinct_audio) release_all();
}

std::optional<std::size_t> RepeatsRule::last_known(TagType type) const {
  for (std::size_t i = held_.size(); i-- > 0;) {
    const Media* media = held_[i].media();
    if (media != nullptr && media->type == type && held_[i].known) return i;
  }
  return std::nullopt;
}

// The first tag that is new has come (or nothing more will): what was held is an overlap, or it is not.
void RepeatsRule::decide() {
  if (held_video_ > 0) {
    const std::optional<std::size_t> last = last_known(TagType::video);
    if (!last) {
      if (gops_in_a_row_ > 0) rebase();
      release_all();
    } else if (!by_boundary_ && gops_in_a_row_ == 0) {
      // E4: less than a GOP, and nothing else speaks for a repeat.
      release_all();
    } else if (held_[*last].media()->hash == memory_.last_video()) {
      join_seamless(*last);
    } else {
      keep_last_gop(*last);
    }
    return;
  }
  const std::optional<std::size_t> last = last_known(TagType::audio);
  std::vector<std::uint64_t> different;
  for (std::size_t i = 0; last && i <= *last; ++i) {
    const Media* media = held_[i].media();
    if (media != nullptr && held_[i].known && std::ranges::find(different, media->hash) == different.end())
      different.push_back(media->hash);
  }
  if (last && different.size() >= distinct_audio && held_[*last].media()->hash == memory_.last_audio()) {
    join_seamless(*last);
  } else {
    release_all();
  }
}

// E2: the last known tag is the one that was written last, so what follows it follows that one.
void RepeatsRule::join_seamless(std::size_t last) {
  const Media& media = *held_[last].media();
  const Anchor anchor{media.type, media.base, media.raw};
  std::array<bool, 2> header_seen{};
  for (std::size_t i = last + 1; i-- > 0;) {
    Held& before = held_[i];
    if (const Media* sent = before.media()) {
      before.dropped = sent->type == anchor.type || header_seen[sent->index()];
    } else if (const auto* header = std::get_if<Header>(&before.action)) {
      // At the end of an overlap the configuration is the one of the running file.
      before.dropped = std::exchange(header_seen[header->index()], true);
    } else {
      before.dropped = std::holds_alternative<NewFile>(before.action);  // that was then
    }
  }
  remove_dropped(FindingKind::overlap_removed);
  if (resumed_ && anchor.type == TagType::video) context().continues_gop = true;
  emit(anchor);  // from here on the timeline drops audio that it already has
  release_all();
}

// Known pictures, then others than followed them before. Those need the pictures since the last key frame, so
// these stay although they are there twice.
void RepeatsRule::keep_last_gop(std::size_t last) {
  std::size_t start = held_.size() - 1;
  const auto is_key = [this](std::size_t i) {
    return held_[i].media() != nullptr && held_[i].media()->is_key();
  };
  while (start > 0 && !is_key(start)) --start;
  if (!is_key(start)) start = 0;
  for (std::size_t i = 0; i < start; ++i) {
    const Media* media = held_[i].media();
    if (media != nullptr && held_[i].known) held_[i].dropped = true;
  }
  context().reporter.report(
      context().finding(FindingKind::overlap_diverged, held_[last].media()->arrival, last + 1));
  remove_dropped(FindingKind::overlap_removed);
  rebase();
  take_again();
}

// The recording ends with nothing but known pictures: none of them is needed.
void RepeatsRule::drop_at_end() {
  for (std::size_t i = 0; i < held_.size(); ++i)
    held_[i].dropped = held_[i].media() != nullptr && held_[i].known;
  remove_dropped(FindingKind::overlap_removed);
  rebase();
  release_all();
}

void RepeatsRule::rebase() {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (held_[i].media() == nullptr) continue;
    emit(Rebase{held_[i].media()->base});
    return;
  }
}

// Takes what is marked out of the queue.
void RepeatsRule::remove_dropped(FindingKind kind) {
  Finding finding = context().finding(kind, 0);
  const std::size_t count = held_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Held held = held_.pop();
    if (!held.dropped) {
      held_.push(std::move(held));
      continue;
    }
    if (held.media() == nullptr) continue;
    const Media& media = *held.media();
    finding.arrival = media.arrival;
    finding.raw_after = media.raw;
    ++finding.tags;
    finding.bytes += media.payload.size();
    bytes_ -= media.payload.size();
    if (media.is_video()) --held_video_;
  }
  owned_ = 0;
  if (finding.tags > 0) context().reporter.report(finding);
}

RingQueue<RepeatsRule::Held> RepeatsRule::end_hold() {
  holding_ = false;
  by_boundary_ = false;
  resumed_ = false;
  gops_in_a_row_ = 0;
  owned_ = 0;
  bytes_ = 0;
  held_video_ = 0;
  return std::exchange(held_, {});
}

void RepeatsRule::release_all() {
  RingQueue<Held> held = end_hold();
  while (!held.empty()) {
    Held one = held.pop();
    if (auto* media = std::get_if<Media>(&one.action)) {
      pass(std::move(*media));
    } else {
      emit(std::move(one.action));
    }
  }
}

// What stays behind a boundary is looked at like a stream without one. A second pass over the file sees no
// boundary, and must come to the same end.
void RepeatsRule::take_again() {
  RingQueue<Held> held = end_hold();
  while (!held.empty()) {
    Held one = held.pop();
    if (auto* media = std::get_if<Media>(&one.action)) {
      take(std::move(*media));
    } else {
      apply(std::move(one.action));
    }
  }
}

void RepeatsRule::resume(const Resumption& from) {
  for (const RememberedTag& tag : from.tags) memory_.add(tag);
  resumed_ = !from.file;
}

void RepeatsRule::settle() {
  for (std::size_t i = owned_; i < held_.size(); ++i) {
    if (auto* media = std::get_if<Media>(&held_[i].action)) media->payload.own(context().pool);
  }
  owned_ = held_.size();
}

void RepeatsRule::flush() {
  if (!holding_) return;
  const std::optional<std::size_t> last = last_known(TagType::video);
  if (last && (by_boundary_ || gops_in_a_row_ > 0) && held_[*last].media()->hash != memory_.last_video()) {
    drop_at_end();
  } else {
    decide();
  }
}

}  // namespace live::flv
