// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/decodable.hpp"

namespace live::flv {

// A frame that is no more than damaged may look like one of a codec without a configuration.
bool DecodableRule::is_decodable(const Media& media) {
  const std::size_t type = media.index();
  if (media.codec == configured_[type]) {
    strangers_[type] = 0;
    return true;
  }
  if (media.needs_header) return false;
  if (configured_[type] != Codec::none && ++strangers_[type] < strangers_to_believe) return false;
  configured_[type] = media.codec;
  strangers_[type] = 0;
  return true;
}

void DecodableRule::apply(Action&& action) {
  if (const auto* header = std::get_if<Header>(&action)) {
    configured_[header->index()] = header->codec;
    strangers_[header->index()] = 0;
  } else if (const auto* media = std::get_if<Media>(&action); media != nullptr && !is_decodable(*media)) {
    context().report(
        media->is_video() ? FindingKind::video_without_header : FindingKind::audio_without_header, *media);
    return;
  }
  emit(std::move(action));
}

}  // namespace live::flv
