// SPDX-License-Identifier: Apache-2.0
// Names on the volume: one STEM for a segment and all that belongs to it; what is taken, where things end up.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "recorder/storage/file_name.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

inline constexpr std::string_view private_directory = ".liveroom";  // below the recording directory
inline constexpr std::string_view part_suffix = ".part";
inline constexpr std::string_view journal_suffix = ".part.json";
inline constexpr int most_numbered_stems = 99;

// Opens <root>/<directory>/<STEM>.<extension>.part for a STEM that nothing there uses: NAME, NAME_2, NAME_3 …
// Makes the directories. Blocking; throws system_error, file_exists when all numbers are taken.
struct NewSegment {
  std::unique_ptr<File> file;
  std::string stem;  // with directory, below the root
};
NewSegment open_new_segment(FileSystem& files, const std::string& root, const FileName& name,
                            std::string_view extension);

// Gives a .part its final name (numbered anew if that was taken meanwhile) and syncs the directory. The
// journal stays beside it until describe(). Paths are below the root; returns the final one. Blocking.
std::string publish_part(FileSystem& files, const std::string& root, const std::string& part_path);

// Writes STEM.json for a video that is published, and then removes the journal: an end between the two steps
// loses nothing. Without a text there is nothing to say. Blocking.
void describe(FileSystem& files, const std::string& root, const std::string& stem, std::string_view text);

// Moves a file into <root>/.liveroom/trash; its journal goes. Returns where it is now, below the root.
// Blocking.
std::string move_to_trash(FileSystem& files, const std::string& root, const std::string& path);

// "a/b.flv.part" → "a/b" and "flv"; empty when it is no name of a .part.
struct PartName {
  std::string stem;
  std::string extension;
};
PartName split_part_path(std::string_view part_path);

}  // namespace live::storage
