// SPDX-License-Identifier: Apache-2.0
// The last steps of a file: from its .part to its name, or to the trash. Blocking; on the disk thread.
#pragma once
#include <string>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

inline constexpr std::string_view part_suffix = ".part";
// Tries before a name counts as not to be had; nobody has a thousand files of one second and one title.
inline constexpr int max_name_tries = 1000;

std::string journal_path(const std::string& stem_path);  // STEM.part.json

// STEM.EXT.part becomes STEM.EXT, or STEM_2.EXT … where that is taken; the journal goes, the directory is
// synced. The content must be on the volume already. Gives the final path.
std::string publish_part(FileSystem& files, const std::string& stem_path, const std::string& extension);

// To <root>/.liveroom/trash, with its journal.
void move_to_trash(FileSystem& files, const std::string& root, const std::string& stem_path,
                   const std::string& extension);

}  // namespace live::storage
