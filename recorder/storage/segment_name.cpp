// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/segment_name.hpp"

#include <algorithm>

#include "recorder/storage/recording_manifest.hpp"

namespace live::storage {
namespace {

using boost::system::errc::file_exists;

[[noreturn]] void no_name_left(const std::string& path) {
  throw system_error(boost::system::errc::make_error_code(file_exists), "no free name for " + path);
}

// Another file may belong to that stem: the video, its danmaku, cover, journal, whole or in the making.
bool is_taken(const std::vector<std::string>& names, const std::string& stem) {
  const std::string prefix = stem + ".";
  return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(prefix); });
}

bool is_file_exists(const system_error& error) {
  return error.code() == boost::system::errc::make_error_condition(file_exists);
}

}  // namespace

NewSegment open_new_segment(FileSystem& files, const std::string& root, const FileName& name,
                            std::string_view extension) {
  const std::string directory = join_path(root, name.directory);
  files.make_directories(directory);
  const std::vector<std::string> names = files.list(directory);
  for (int number = 1; number <= most_numbered_stems; ++number) {
    const std::string stem = numbered_stem(name.stem, number);
    if (is_taken(names, stem)) continue;
    const std::string file_name = stem + "." + std::string(extension) + std::string(part_suffix);
    try {
      NewSegment segment;
      segment.file = files.open(join_path(directory, file_name), OpenMode::create_new);
      segment.stem = join_path(name.directory, stem);
      files.sync_directory(directory);
      return segment;
    } catch (const system_error& error) {
      if (!is_file_exists(error)) throw;
    }
  }
  no_name_left(join_path(name.directory, name.stem));
}

PartName split_part_path(std::string_view part_path) {
  if (!part_path.ends_with(part_suffix)) return {};
  part_path.remove_suffix(part_suffix.size());
  const std::size_t dot = part_path.rfind('.');
  const std::size_t slash = part_path.rfind('/');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  return {std::string(part_path.substr(0, dot)), std::string(part_path.substr(dot + 1))};
}

std::string publish_part(FileSystem& files, const std::string& root, const std::string& part_path) {
  const PartName part = split_part_path(part_path);
  std::string journal = join_path(root, part.stem + std::string(journal_suffix));
  const bool has_journal = files.stat(journal).has_value();
  for (int number = 1; number <= most_numbered_stems; ++number) {
    const std::string stem = numbered_stem(part.stem, number);
    const std::string path = stem + "." + part.extension;
    const std::string whole = join_path(root, path);
    if (number > 1 && files.stat(whole)) continue;
    // The journal goes first: what it then lies beside is this video or none, never somebody else's.
    const std::string its_journal = join_path(root, stem + std::string(journal_suffix));
    const bool moves = has_journal && its_journal != journal;
    if (moves && !files.rename_new(journal, its_journal)) continue;
    journal = its_journal;
    if (!files.rename_new(join_path(root, part_path), whole)) continue;
    files.sync_directory(std::string(directory_of(whole)));
    return path;
  }
  no_name_left(part_path);
}

void describe(FileSystem& files, const std::string& root, const std::string& stem, std::string_view text) {
  if (!text.empty())
    replace_file(files, join_path(root, stem + std::string(manifest_suffix)), as_bytes(text));
  files.remove(join_path(root, stem + std::string(journal_suffix)));
}

std::string move_to_trash(FileSystem& files, const std::string& root, const std::string& path) {
  const std::string trash = join_path(private_directory, "trash");
  files.make_directories(join_path(root, trash));
  const std::string name(name_of(path));
  for (int number = 1; number <= most_numbered_stems; ++number) {
    const std::string to = join_path(trash, number == 1 ? name : name + "." + std::to_string(number));
    if (!files.rename_new(join_path(root, path), join_path(root, to))) continue;
    files.sync_directory(join_path(root, trash));
    files.sync_directory(std::string(directory_of(join_path(root, path))));
    const PartName part = split_part_path(path);
    if (!part.stem.empty()) files.remove(join_path(root, part.stem + std::string(journal_suffix)));
    return to;
  }
  no_name_left(path);
}

}  // namespace live::storage
