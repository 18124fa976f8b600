// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/publish.hpp"

#include "recorder/storage/file_name.hpp"
#include "recorder/storage/state_file.hpp"

namespace live::storage {

std::string journal_path(const std::string& stem_path) {
  return stem_path + std::string(part_suffix) + ".json";
}

std::string publish_part(FileSystem& files, const std::string& stem_path, const std::string& extension) {
  const std::string part = stem_path + "." + extension + std::string(part_suffix);
  for (int number = 1; number < max_name_tries; ++number) {
    const std::string path = numbered_stem(stem_path, number) + "." + extension;
    if (!files.rename_new(part, path)) continue;
    files.remove(journal_path(stem_path));
    files.sync_directory(std::string(directory_of(path)));
    return path;
  }
  throw system_error(boost::system::errc::make_error_code(boost::system::errc::file_exists),
                     "publish " + part);
}

void move_to_trash(FileSystem& files, const std::string& root, const std::string& stem_path,
                   const std::string& extension) {
  const std::string trash = join_path(join_path(root, private_directory), "trash");
  files.make_directories(trash);
  const std::string part = stem_path + "." + extension + std::string(part_suffix);
  const std::string target = join_path(trash, name_of(stem_path));
  for (int number = 1; number < max_name_tries; ++number) {
    if (!files.rename_new(part, numbered_stem(target, number) + "." + extension)) continue;
    files.remove(journal_path(stem_path));
    files.sync_directory(std::string(directory_of(part)));
    return;
  }
  throw system_error(boost::system::errc::make_error_code(boost::system::errc::file_exists), "trash " + part);
}

}  // namespace live::storage
