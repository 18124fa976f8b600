// SPDX-License-Identifier: Apache-2.0
// Journals whose video has its name already: what an end between that and the video's description leaves.
// Blocking calls, of the disk thread.
#pragma once
#include <string>
#include <vector>

#include "recorder/storage/filesystem.hpp"

namespace live::storage {

struct LoneJournal {
  std::string stem;        // with directory, below the root
  std::string video;       // STEM.flv or STEM.mp4, below the root; empty: there is none
  bool described = false;  // STEM.json is there
};

// Without those that have a .part beside them. Does not follow links, does not enter .liveroom nor the
// directory of another LiveRoom. Throws system_error where a directory can't be read.
std::vector<LoneJournal> find_lone_journals(FileSystem& files, const std::string& root);

}  // namespace live::storage
