// SPDX-License-Identifier: Apache-2.0
// <directory>/.liveroom/state.json: what outlives a process (device cookies, signing keys, hashes).
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "recorder/storage/filesystem.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {

class StateFile {
 public:
  StateFile(FileSystem& files, const std::string& directory);

  // Blocking. An empty object when there is none or it is unreadable (it is only a cache).
  Json load();
  // Blocking; throws system_error. By temporary file and rename.
  void save(const Json& state);

 private:
  FileSystem& files_;
  std::string path_;
};

}  // namespace live::storage
