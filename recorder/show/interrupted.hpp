// SPDX-License-Identifier: Apache-2.0
// A file that an unclean end left and that may go on.
#pragma once
#include <optional>
#include <string>

#include "liveroom/recorder_status.hpp"
#include "recorder/show/journal.hpp"
#include "recorder/show/recording_tail.hpp"
#include "recorder/storage/recovery.hpp"

namespace live::recorder {

// A file goes on only if its last write is not longer ago: as long as the pause of two connections may be.
inline constexpr std::chrono::seconds longest_interruption{60};

struct Interrupted {
  storage::Leftover leftover;
  Journal journal;
  RecordingTail tail;

  WallTime deadline() const { return leftover.modified + longest_interruption; }
};

// Nothing when the leftover can't go on: no journal that says of which show it is, too few tags, or damage
// that could not be mended. Blocking: reads the end of the file.
std::optional<Interrupted> interrupted(storage::FileSystem& files, const std::string& root,
                                       const storage::Leftover& leftover);

// Where the recording ended whose last file was this fMP4 leftover, which is published now: such a file does
// not go on, the next part does. Nothing when it is of no known show. Blocking.
std::optional<Interrupted> ended_fmp4(storage::FileSystem& files, const std::string& root,
                                      const storage::Leftover& leftover, const std::string& published);

// What the status says of a leftover that was published. `prefix`: of the directory below the volume's root.
liveroom::FinishedFile finished_file(const storage::RecoveredFile& video, const Journal& journal,
                                     const std::string& prefix);

}  // namespace live::recorder
