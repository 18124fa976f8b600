// SPDX-License-Identifier: Apache-2.0
// The recordings below a directory as their manifests list them, and how one is removed. Blocking: on the
// disk thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "recorder/storage/filesystem.hpp"
#include "recorder/storage/recording_manifest.hpp"

namespace live::storage {

struct SegmentOnDisk {
  std::string directory;  // below the root; may be empty
  std::string stem;
  std::vector<std::string> files;  // names in the directory, without the manifest
  int part = 1;
  std::uint64_t bytes = 0;  // with the manifest
};

struct RecordingOnDisk {
  std::string session;
  WallTime end{};  // of its last segment
  std::uint64_t bytes = 0;
  bool open = false;                    // a file of it is still being written
  std::vector<SegmentOnDisk> segments;  // by part
};

struct DirectoryContent {
  std::vector<RecordingOnDisk> recordings;
  std::uint64_t open_bytes = 0;  // of files that are being written
  std::uint64_t foreign = 0;     // .json files that are no manifests: left alone
  bool complete = true;          // false: the limit of files was reached
};

inline constexpr std::size_t most_segments = 100'000;

// Does not follow links, does not enter .liveroom nor the directory of another LiveRoom. Throws system_error
// where the directory can't be read.
DirectoryContent find_recordings(FileSystem& files, const std::string& root);

struct Removed {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Removes all segments, of each the manifest last: what an end in the middle leaves is still known to be
// ours. Throws system_error; what was removed until then is in `removed`.
void remove_recording(FileSystem& files, const std::string& root, const RecordingOnDisk& recording,
                      Removed& removed);

}  // namespace live::storage
