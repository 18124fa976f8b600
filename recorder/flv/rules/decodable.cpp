// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/decodable.hpp"

namespace live::flv {

void DecodableRule::apply(Action&& action) {
  if (const auto* header = std::get_if<Header>(&action)) {
    configured_[header->index()] = header->codec;
  } else if (const auto* media = std::get_if<Media>(&action);
             media != nullptr && media->needs_header && configured_[media->index()] != media->codec) {
    context().report(
        media->is_video() ? FindingKind::video_without_header : FindingKind::audio_without_header, *media);
    return;
  }
  emit(std::move(action));
}

}  // namespace live::flv
