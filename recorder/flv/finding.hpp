// SPDX-License-Identifier: Apache-2.0
// What the library noticed and did about it: one typed record each, for counters, the journal and the log.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recorder/flv/tag.hpp"

namespace live::flv {

enum class FindingKind : std::uint8_t {
  // bytes to tags (A)
  wrong_back_pointer,  // PreviousTagSize does not fit, the next header does
  foreign_tag,         // well framed, of a type that is not audio, video or script: dropped
  encrypted_tag,       // Filter bit set: dropped
  header_again,        // an FLV header in the middle of the stream
  resync,              // bytes: what was skipped until tags could be read again
  resync_failed,       // no tag found within the limits
  truncated_tag,       // bytes: the incomplete tag at the end of the stream
  // classification (B)
  malformed_tag,  // shorter than its own header, empty, or of an unknown packet type: dropped
  command_tag,    // client command or metadata frame: dropped
  // headers and scripts (C)
  metadata_again,        // another onMetaData in the middle: kept for the next file
  script_dropped,        // not onMetaData, or unreadable
  header_repeated,       // the same configuration again: dropped
  header_replaced,       // another configuration before any media of it
  header_changed,        // another configuration: a new file
  header_left_out,       // changes too often, and the key frames carry their own parameters: dropped
  audio_without_header,  // frames before their configuration: dropped
  video_without_header,
  waiting_for_split,  // frames of a new configuration before its first key frame: dropped
  end_of_sequence,
  // time (D)
  jump,          // raw_before, raw_after; the hole is closed
  hole_kept,     // the same, kept because the policy says so
  straggler,     // a tag of the time base before the jump
  step_back,     // pushed to the time of the tag before it, of its own type
  gap,           // lost_ms: media that never came
  time_wrapped,  // 24-bit timestamps passed 2^24
  // repeats (E)
  overlap_removed,   // tags, bytes: sent again after a boundary; seamless
  repeat_removed,    // tags, bytes: a whole GOP sent again
  overlap_diverged,  // repeated frames followed by others than before: the last GOP is kept
  server_loops,      // GOPs in a row repeated: time for another connection
  hold_limit,        // more was held than allowed: released
  // order and start (F, D1)
  late_tag,           // later than the merge window: pushed to the time of the tag before it
  before_file_start,  // older than the first picture of the file: dropped
  before_key_frame,   // pictures that nothing can decode: dropped
  begins_in_gop,  // the file before, of an earlier process, has the beginning of the first group of pictures
  // connections (G), pictures (H)
  over_size_limit,  // one GOP alone, or more of one than can be taken back: the file goes over its limit
  connection_not_joined,  // too long after the one before: a new file
  filler_removed,         // bytes
  picture_size_changed,   // in-band parameters disagree with the header
  count_
};
constexpr std::size_t finding_kinds = static_cast<std::size_t>(FindingKind::count_);

std::string_view to_string(FindingKind kind);

// Kinds that belong into the journal one by one; the others may come with every tag and are only counted.
bool is_notable(FindingKind kind);

// Why media never came.
enum class LossCause : std::uint8_t {
  source,      // in the middle of a connection: the servers did not have it
  connection,  // no connection stood
  damage,      // bytes that could not be read
};
std::string_view to_string(LossCause cause);

struct Finding {
  FindingKind kind = FindingKind::count_;
  ArrivalTime arrival = 0;
  std::int64_t raw_before = 0;  // source time, milliseconds, unwrapped
  std::int64_t raw_after = 0;
  std::int64_t file_time = 0;  // milliseconds in the open file
  std::uint64_t tags = 0;
  std::uint64_t bytes = 0;
  std::int64_t lost_ms = 0;  // media that is in no file because of this
  LossCause cause = LossCause::source;
  bool lost_is_estimated = false;  // by arrival times, about ± 1 s; else exact to a frame
};

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void report(const Finding& finding) = 0;
};

struct FindingCounts {
  std::array<std::uint64_t, finding_kinds> of{};

  void add(const Finding& finding) { ++of[static_cast<std::size_t>(finding.kind)]; }
  std::uint64_t operator[](FindingKind kind) const { return of[static_cast<std::size_t>(kind)]; }
};

}  // namespace live::flv
