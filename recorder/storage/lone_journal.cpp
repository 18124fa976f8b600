// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/lone_journal.hpp"

#include <set>

#include "recorder/storage/recording_manifest.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr int deepest_directory = 16;
constexpr std::size_t most_lone = 10'000;

void find_in(FileSystem& files, const std::string& root, const std::string& directory, int depth,
             std::vector<LoneJournal>& found) {
  const std::vector<std::string> names = files.list(join_path(root, directory));
  const std::set<std::string> here(names.begin(), names.end());
  if (depth > 0 && here.contains(std::string(private_directory))) return;
  for (const std::string& name : names) {
    if (name == private_directory || found.size() >= most_lone) continue;
    const std::string path = join_path(directory, name);
    const std::optional<FileStat> info = files.stat(join_path(root, path));
    if (!info) continue;
    if (info->is_directory) {
      if (depth < deepest_directory) find_in(files, root, path, depth + 1, found);
      continue;
    }
    if (!name.ends_with(journal_suffix) || name.size() == journal_suffix.size()) continue;
    const std::string stem = name.substr(0, name.size() - journal_suffix.size());
    LoneJournal lone;
    lone.stem = join_path(directory, stem);
    bool is_open = false;
    for (const char* extension : {".flv", ".mp4"}) {
      is_open = is_open || here.contains(stem + extension + std::string(part_suffix));
      if (here.contains(stem + extension)) lone.video = lone.stem + extension;
    }
    lone.described = here.contains(stem + std::string(manifest_suffix));
    if (!is_open) found.push_back(std::move(lone));
  }
}

}  // namespace

std::vector<LoneJournal> find_lone_journals(FileSystem& files, const std::string& root) {
  std::vector<LoneJournal> found;
  find_in(files, root, "", 0, found);
  return found;
}

}  // namespace live::storage
