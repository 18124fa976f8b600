// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/join.hpp"

#include "recorder/flv/resumption.hpp"

namespace live::flv {

void JoinRule::apply(Action&& action) {
  if (const auto* boundary = std::get_if<Boundary>(&action)) {
    if (boundary->reason == BoundaryReason::connection) connection_began_ = true;
  } else if (const auto* media = std::get_if<Media>(&action)) {
    if (connection_began_ && last_media_ && media->arrival - *last_media_ > longest_pause) {
      context().report(FindingKind::connection_not_joined, *media);
      emit(NewFile{CloseReason::not_joined, media->arrival, false});
    }
    connection_began_ = false;
    last_media_ = media->arrival;
  }
  emit(std::move(action));
}

void JoinRule::resume(const Resumption& from) {
  if (from.file) last_media_ = from.last_arrival;
}

}  // namespace live::flv
