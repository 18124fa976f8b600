// SPDX-License-Identifier: Apache-2.0
// What an unclean end left in a directory: videos, and what lies beside them. Blocking, for the disk thread.
#pragma once
#include <string>
#include <vector>

#include "recorder/storage/recovery.hpp"

namespace live::recorder {

inline constexpr std::string_view cover_suffix = ".cover.jpg";

struct RecoveredSegment {
  storage::RecoveredFile video;
  std::vector<std::string> companions;  // published with it, below the root
};

// One leftover video with its chat and cover; they end as the video does, and STEM.json says so. Never
// throws.
RecoveredSegment recover_segment(storage::FileSystem& files, const std::string& root,
                                 const storage::Leftover& leftover);
RecoveredSegment recover_segment(storage::FileSystem& files, const std::string& root,
                                 const std::string& part_path);

// Chats whose video had been published already. Their paths below the root. Never throws.
std::vector<std::string> recover_lone_companions(storage::FileSystem& files, const std::string& root);

// STEM.json of videos that were published and not described: from their journals. To be called after the two
// above, which finish what it lists. The videos, below the root. Never throws.
std::vector<std::string> recover_lone_records(storage::FileSystem& files, const std::string& root);

}  // namespace live::recorder
