// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/state_file.hpp"

#include "base/json.hpp"

namespace live::storage {

StateFile::StateFile(FileSystem& files, const std::string& directory)
    : files_(files), path_(join_path(join_path(directory, private_directory), "state.json")) {}

Json StateFile::load() {
  try {
    const std::optional<std::string> text = read_whole(files_, path_);
    if (text) {
      Json state = parse_json(*text);
      if (state.is_object()) return state;
    }
  } catch (const system_error&) {
    // As good as none.
  }
  return Json::object();
}

void StateFile::save(const Json& state) {
  files_.make_directories(std::string(directory_of(path_)));
  replace_file(files_, path_, as_bytes(dump_json(state)));
}

}  // namespace live::storage
