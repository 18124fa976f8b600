// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/finding.hpp"

namespace live::flv {
namespace {

struct Kind {
  std::string_view name;
  bool notable;
};

constexpr std::array<Kind, finding_kinds> kinds{{
    {"wrong_back_pointer", false},
    {"foreign_tag", false},
    {"encrypted_tag", false},
    {"header_again", true},
    {"resync", true},
    {"resync_failed", true},
    {"truncated_tag", true},
    {"malformed_tag", false},
    {"command_tag", false},
    {"metadata_again", true},
    {"script_dropped", false},
    {"header_repeated", false},
    {"header_replaced", true},
    {"header_changed", true},
    {"header_left_out", false},
    {"audio_without_header", false},
    {"video_without_header", false},
    {"waiting_for_split", false},
    {"end_of_sequence", true},
    {"jump", true},
    {"hole_kept", true},
    {"straggler", false},
    {"step_back", false},
    {"gap", true},
    {"time_wrapped", true},
    {"overlap_removed", true},
    {"repeat_removed", true},
    {"overlap_diverged", true},
    {"server_loops", true},
    {"hold_limit", true},
    {"late_tag", false},
    {"before_file_start", false},
    {"before_key_frame", false},
    {"begins_in_gop", true},
    {"over_size_limit", true},
    {"connection_not_joined", true},
    {"filler_removed", false},
    {"picture_size_changed", true},
}};
static_assert(!kinds.back().name.empty());

}  // namespace

std::string_view to_string(FindingKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kinds.size() ? kinds[index].name : "unknown";
}

std::string_view to_string(LossCause cause) {
  switch (cause) {
    case LossCause::source:
      return "source";
    case LossCause::connection:
      return "connection";
    case LossCause::damage:
      return "damage";
  }
  return "source";
}

bool is_notable(FindingKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kinds.size() && kinds[index].notable;
}

}  // namespace live::flv
