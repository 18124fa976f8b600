// SPDX-License-Identifier: Apache-2.0
// What a recorder does with what it finds in its directory before it begins.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "recorder/recording/recorder_state.hpp"
#include "recorder/show/interrupted.hpp"

namespace live::recorder {

struct StartUp {
  std::optional<Interrupted> interrupted;  // the newest leftover, if it may go on
  std::vector<storage::RecoveredFile> recovered;
  std::vector<std::string> chats;    // published whose video had been already
  std::vector<std::string> records;  // videos that were published, and are described now
  std::uint64_t trash_removed = 0;
};

// Publishes every leftover but the one that may go on, and brings `last` up to date with what an unclean end
// left: the session, the part, and what was written last. Blocking; throws system_error when the directory
// can't be read.
StartUp start_up(storage::FileSystem& files, const std::string& root, WallTime now, LastShow& last);

}  // namespace live::recorder
