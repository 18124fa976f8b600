// SPDX-License-Identifier: Apache-2.0
// Where a recording ended, so that what comes next (the same file after an unclean end, else the next part)
// goes on without a frame twice and knows how much is missing.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "recorder/flv/file_tail.hpp"
#include "recorder/flv/resumption.hpp"
#include "recorder/hls/assembler.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

struct RecordingTail {
  std::vector<flv::RememberedTag> tags;                  // written last, oldest first
  std::array<std::optional<std::int64_t>, 2> last_time;  // of the last video and audio tag, in the file, ms
  std::vector<std::uint64_t> fragments;       // hashes of those written last, oldest first, of an fMP4 stream
  std::optional<std::int64_t> fragments_end;  // the length of the file, ms, if that was fMP4
  std::int64_t source_offset = 0;             // source time - time in the file
  // Unix time, in ms, at which the source's time was 0, by the tag that came soonest. None: how long the
  // pause was is not to be told as a loss.
  std::optional<std::int64_t> zero_wall_ms;
  WallTime written{};  // when the last tag was

  bool empty() const { return tags.empty() && fragments.empty(); }
  // The end of a later file of the same recording. Fragments of both count: a server's window may reach back
  // behind the later one's beginning.
  void go_on_with(RecordingTail later);
};

// On the clocks of this process.
flv::Resumption to_resumption(const RecordingTail& tail, const Clock& clock);
hls::Resumption to_hls_resumption(const RecordingTail& tail, const Clock& clock);

// From a file's end and the time of its last write: good to a second. Blocking; empty when it can't be read.
RecordingTail tail_of_file(storage::FileSystem& files, const std::string& root, const std::string& path);

Json to_json(const RecordingTail& tail);
// Never fails: what is broken is left out.
RecordingTail recording_tail_from_json(const Json& json);

std::int64_t unix_ms(WallTime time);

}  // namespace live::recorder
