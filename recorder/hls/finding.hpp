// SPDX-License-Identifier: Apache-2.0
// What recording an HLS stream noticed and did about it: one typed record each.
#pragma once
#include <cstdint>
#include <string_view>

namespace live::hls {

enum class FindingKind : std::uint8_t {
  // segments that no file has
  segment_missing,  // the server did not give it, though its playlist named it
  segment_damaged,  // size, checksum or boxes were wrong each time
  window_passed,    // they left the playlist before we saw them
  gap,              // no process, connection or volume was there to take them
  // playlists and fetching
  check_failed,        // a copy with the wrong size or checksum: fetched again
  init_unreadable,     // a half-written initialisation segment: fetched again
  sequence_restarted,  // numbers began anew
  discontinuity,       // a break that the playlist announced
  // initialisation segments
  init_changed,           // another one for the same configuration: the file goes on
  configuration_changed,  // another configuration: a new file
  // time
  jump,       // raw_before, raw_after; the hole is closed
  step_back,  // the same, backwards
  hole_kept,  // kept because the policy says so
  // repeats and start
  repeat_removed,    // segments sent again
  server_loops,      // so many in a row that it is time for another connection
  before_key_frame,  // media that nothing can decode: dropped
  begins_in_gop,     // the file goes on where the one before ended, in front of a key frame
  count_
};

std::string_view to_string(FindingKind kind);

// Kinds that belong into the journal one by one; the others may come with every segment and are only counted.
bool is_notable(FindingKind kind);

// Of a finding that lost media: what it is counted under, as for FLV.
std::string_view loss_cause(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::count_;
  std::int64_t raw_before_ms = 0;  // source time
  std::int64_t raw_after_ms = 0;
  std::int64_t file_ms = 0;  // in the open file
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::int64_t lost_ms = 0;        // media that is in no file because of this
  bool lost_is_estimated = false;  // by durations or arrival times; else exact to a frame
};

}  // namespace live::hls
