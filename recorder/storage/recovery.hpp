// SPDX-License-Identifier: Apache-2.0
// Leftovers of an unclean end: every .part is cut to its last whole tag, gets index and duration, and its
// name.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/file_tail.hpp"
#include "recorder/hls/file_tail.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::storage {

inline constexpr std::uint64_t min_media_tags = 10;  // fewer are not worth a file: to the trash

struct RecoveredFile {
  std::string part_path;  // below the root, as found
  std::string path;       // published as, below the root; empty when it went to the trash or failed
  std::uint64_t size = 0;
  std::uint64_t cut_bytes = 0;   // behind the last whole tag
  std::uint64_t hole_bytes = 0;  // damage in the middle, left out
  std::int64_t duration_ms = 0;
  std::uint64_t media_tags = 0;
  std::string journal;  // the journal's text; empty when there was none
  std::string error;    // why it was left as it is
};

// A leftover as it was found.
struct Leftover {
  std::string part_path;  // below the root
  WallTime modified{};    // when it was written to last
  std::string journal;    // the journal's text; empty when there was none
  flv::FileScan scan;
  std::uint64_t cut_bytes = 0;
  std::uint64_t hole_bytes = 0;  // it was written anew without them: its times may have moved
  std::string error;             // why nothing can be said of it
};

// All leftovers below the root, oldest first, without following links or entering .liveroom.
std::vector<std::string> find_leftovers(FileSystem& files, const std::string& root);

// Blocking; looks, and changes nothing unless there is damage in the middle, which is left out. Never throws.
Leftover examine(FileSystem& files, const std::string& root, const std::string& part_path);

// What was written last of a file of ours, a leftover or published. Blocking. Empty when it can't be read.
flv::FileTail tail_of(FileSystem& files, const std::string& root, const std::string& path);
flv::FileTail tail_of(FileSystem& files, const std::string& root, const Leftover& leftover);

// The same of an fMP4 file that is published.
bool is_mp4(std::string_view path);
hls::FileTail fragment_tail_of(FileSystem& files, const std::string& root, const std::string& path);

// Blocking; one leftover. Never throws: failures are in the result, the file stays for the next start.
RecoveredFile recover(FileSystem& files, const std::string& root, const Leftover& leftover);
RecoveredFile recover(FileSystem& files, const std::string& root, const std::string& part_path);

}  // namespace live::storage
