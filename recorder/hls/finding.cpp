// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/finding.hpp"

namespace live::hls {

std::string_view to_string(FindingKind kind) {
  switch (kind) {
    case FindingKind::segment_missing:
      return "segment_missing";
    case FindingKind::segment_damaged:
      return "segment_damaged";
    case FindingKind::window_passed:
      return "window_passed";
    case FindingKind::gap:
      return "segment_gap";
    case FindingKind::check_failed:
      return "check_failed";
    case FindingKind::init_unreadable:
      return "init_unreadable";
    case FindingKind::sequence_restarted:
      return "sequence_restarted";
    case FindingKind::discontinuity:
      return "discontinuity";
    case FindingKind::init_changed:
      return "init_changed";
    case FindingKind::configuration_changed:
      return "configuration_changed";
    case FindingKind::jump:
      return "segment_jump";
    case FindingKind::step_back:
      return "segment_step_back";
    case FindingKind::hole_kept:
      return "segment_hole_kept";
    case FindingKind::repeat_removed:
      return "segment_repeated";
    case FindingKind::server_loops:
      return "playlist_loops";
    case FindingKind::before_key_frame:
      return "segment_before_key_frame";
    case FindingKind::begins_in_gop:
      return "segment_begins_in_gop";
    case FindingKind::count_:
      break;
  }
  return "";
}

bool is_notable(FindingKind kind) {
  return kind != FindingKind::check_failed && kind != FindingKind::repeat_removed &&
         kind != FindingKind::before_key_frame;
}

std::string_view loss_cause(FindingKind kind) {
  switch (kind) {
    case FindingKind::segment_missing:
    case FindingKind::segment_damaged:
      return "segment";
    case FindingKind::window_passed:
      return "server_window";
    case FindingKind::gap:
      return "connection";
    default:
      return "source";
  }
}

}  // namespace live::hls
