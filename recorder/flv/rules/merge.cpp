// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/merge.hpp"

#include <algorithm>

#include "recorder/flv/resumption.hpp"

namespace live::flv {
namespace {
constexpr std::size_t video = 0;
constexpr std::size_t audio = 1;
}  // namespace

void MergeRule::apply(Action&& action) {
  if (auto* media = std::get_if<Media>(&action)) {
    const std::size_t type = media->index();
    expected_[type] = true;
    newest_ = std::max(newest_, media->out);
    bytes_ += media->payload.size();
    media->order = pushed_[video] + pushed_[audio];
    ++pushed_[type];
    queues_[type].push(std::move(*media));
    release();
    return;
  }
  if (auto* metadata = std::get_if<Metadata>(&action)) {
    metadata_ = std::move(*metadata);
    metadata_place_ = pushed_;
    release_metadata();
    return;
  }
  if (const auto* header = std::get_if<Header>(&action)) {
    expected_[header->index()] = true;
    flush();
  } else if (std::holds_alternative<NewFile>(action)) {
    flush();
  }
  emit(std::move(action));
}

// Of two heads; at the same time they stay as they came, so that a second pass changes nothing.
std::size_t MergeRule::earlier() const {
  const Media& picture = queues_[video][0];
  const Media& sound = queues_[audio][0];
  if (picture.out != sound.out) return picture.out < sound.out ? video : audio;
  return picture.order < sound.order ? video : audio;
}

void MergeRule::release_front(std::size_t type) {
  Media media = queues_[type].pop();
  if (owned_[type] > 0) --owned_[type];
  bytes_ -= media.payload.size();
  if (last_released_ && media.out < *last_released_) {
    context().report(FindingKind::late_tag, media);
    media.out = *last_released_;
  }
  last_released_ = media.out;
  ++released_[type];
  emit(std::move(media));
  if (metadata_) release_metadata();
}

void MergeRule::release_metadata() {
  if (released_[video] < metadata_place_[video] || released_[audio] < metadata_place_[audio]) return;
  Metadata metadata = std::move(*metadata_);
  metadata_.reset();
  emit(std::move(metadata));
}

void MergeRule::release() {
  while (true) {
    const bool both = !queues_[video].empty() && !queues_[audio].empty();
    if (both) {
      at_limit_ = false;
      release_front(earlier());
      continue;
    }
    const std::size_t type = queues_[video].empty() ? audio : video;
    if (queues_[type].empty()) return;
    const bool waits_in_vain = !expected_[1 - type];
    if (!waits_in_vain && newest_ - queues_[type].front().out < window) {
      if (bytes_ <= most_bytes) return;
      note_limit(queues_[type].back());
    }
    release_front(type);
  }
}

// Once for each time that the other type does not come.
void MergeRule::note_limit(const Media& newest) {
  if (at_limit_) return;
  at_limit_ = true;
  context().reporter.report(
      context().finding(FindingKind::hold_limit, newest.arrival, queues_[newest.index()].size(), bytes_));
}

void MergeRule::resume(const Resumption& from) {
  if (!from.file) return;
  for (std::size_t type : {video, audio}) expected_[type] = from.file->headers[type].has_value();
  last_released_ = from.end();
  newest_ = from.end().value_or(0);
}

void MergeRule::settle() {
  for (std::size_t type : {video, audio}) {
    RingQueue<Media>& queue = queues_[type];
    for (std::size_t i = owned_[type]; i < queue.size(); ++i) queue[i].payload.own(context().pool);
    owned_[type] = queue.size();
  }
}

void MergeRule::idle(ArrivalTime now) {
  for (std::size_t type : {video, audio}) {
    while (!queues_[type].empty() && now - queues_[type].front().arrival >= window) release_front(type);
  }
}

void MergeRule::flush() {
  while (!queues_[video].empty() && !queues_[audio].empty()) release_front(earlier());
  for (std::size_t type : {video, audio}) {
    while (!queues_[type].empty()) release_front(type);
  }
}

}  // namespace live::flv
