// SPDX-License-Identifier: Apache-2.0
#include "simulator/timeline.hpp"

#include <algorithm>

namespace live::simulator {

Timeline::Timeline(Media media) : media_(std::move(media)) {
  const auto& tags = media_->media();
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (tags[i].key) keys_.push_back(i);
    if (tags[i].type == TagType::video) has_video_ = true;
  }
}

TimelineTag Timeline::tag(std::uint64_t number) const {
  const auto& tags = media_->media();
  const std::uint64_t loop = number / tags.size();
  const std::size_t index = number % tags.size();
  return {loop, index, loop * media_->loop_length() + tags[index].timestamp};
}

std::uint64_t Timeline::due(std::uint64_t elapsed_ms) const {
  const auto& tags = media_->media();
  const std::uint64_t loop = elapsed_ms / media_->loop_length();
  const std::uint64_t rest = elapsed_ms % media_->loop_length();
  const auto after =
      std::upper_bound(tags.begin(), tags.end(), rest,
                       [](std::uint64_t time, const SourceTag& tag) { return time < tag.timestamp; });
  return loop * tags.size() + static_cast<std::uint64_t>(after - tags.begin());
}

std::uint64_t Timeline::cache_start(std::uint64_t due) const {
  if (!has_video_) return due;
  if (due == 0 || keys_.empty()) return 0;
  const std::uint64_t size = media_->media().size();
  const std::uint64_t loop = (due - 1) / size;
  const std::size_t index = (due - 1) % size;
  const auto after = std::upper_bound(keys_.begin(), keys_.end(), index);
  if (after != keys_.begin()) return loop * size + *(after - 1);
  return loop == 0 ? 0 : (loop - 1) * size + keys_.back();
}

std::uint64_t Timeline::next_key(std::uint64_t number) const {
  if (keys_.empty()) return number;
  const std::uint64_t size = media_->media().size();
  const std::uint64_t loop = number / size;
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), number % size);
  return at != keys_.end() ? loop * size + *at : (loop + 1) * size + keys_.front();
}

}  // namespace live::simulator
