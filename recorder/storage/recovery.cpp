// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recovery.hpp"

#include <algorithm>

#include "recorder/storage/flv_scan.hpp"
#include "recorder/storage/publish.hpp"
#include "recorder/storage/state_file.hpp"

namespace live::storage {
namespace {

constexpr std::string_view extension = "flv";
constexpr std::string_view leftover_suffix = ".flv.part";
constexpr int max_directory_depth = 16;

class FilePatch final : public flv::ByteSink {
 public:
  explicit FilePatch(File& file) : file_(file) {}
  void append(ByteView bytes) override { file_.write(bytes); }
  void patch(std::uint64_t offset, ByteView bytes) override { file_.write_at(offset, bytes); }

 private:
  File& file_;
};

void collect(FileSystem& files, const std::string& root, const std::string& below, int depth,
             std::vector<std::pair<WallTime, std::string>>& found) {
  if (depth > max_directory_depth) return;
  for (const std::string& name : files.list(join_path(root, below))) {
    if (name == private_directory) continue;
    const std::string path = join_path(below, name);
    const std::optional<FileStat> info = files.stat(join_path(root, path));
    if (!info) continue;
    if (info->is_directory) {
      collect(files, root, path, depth + 1, found);
    } else if (name.ends_with(leftover_suffix)) {
      found.emplace_back(info->modified, path);
    }
  }
}

// Holes are cut out by copying, and only where there are any.
void drop_holes(FileSystem& files, const std::string& path, std::unique_ptr<File>& file, FlvScan& scan,
                RecoveredFile& result) {
  const std::string copy_path = path + ".tmp";
  {
    const std::unique_ptr<File> copy = files.open(copy_path, OpenMode::create_or_truncate);
    result.hole_bytes = copy_without_holes(*file, scan.whole, *copy);
    copy->sync_data();
  }
  file.reset();
  files.rename(copy_path, path);
  file = files.open(path, OpenMode::existing);
  scan = scan_flv(*file);
}

void patch_numbers(File& file, const FlvScan& scan) {
  if (!scan.metadata_offset) return;
  flv::MetadataNumbers numbers;
  numbers.duration_ms = scan.duration_ms;
  numbers.file_size = scan.whole;
  numbers.last_ms = scan.last_ms;
  numbers.last_key = scan.index.last_key();
  FilePatch patch(file);
  flv::patch_metadata(patch, *scan.metadata_offset, scan.places, numbers,
                      scan.places.index ? &scan.index : nullptr);
}

void mend(FileSystem& files, const std::string& root, RecoveredFile& result) {
  const std::string path = join_path(root, result.part_path);
  const std::string stem_path = path.substr(0, path.size() - leftover_suffix.size());
  result.journal = read_whole(files, journal_path(stem_path)).value_or("");
  std::unique_ptr<File> file = files.open(path, OpenMode::existing);
  FlvScan scan = scan_flv(*file);
  if (scan.is_flv && scan.whole < file->size() && has_tags_behind(*file, scan.whole)) {
    drop_holes(files, path, file, scan, result);
  }
  result.media_tags = scan.media_tags;
  result.duration_ms = scan.duration_ms;
  if (!scan.is_flv || scan.media_tags < min_media_tags) {
    file.reset();
    move_to_trash(files, root, stem_path, std::string(extension));
    return;
  }
  result.cut_bytes = file->size() - scan.whole;
  if (result.cut_bytes > 0) file->truncate(scan.whole);
  patch_numbers(*file, scan);
  file->sync_data();
  file.reset();
  result.size = scan.whole;
  const std::string published = publish_part(files, stem_path, std::string(extension));
  result.path = join_path(directory_of(result.part_path) == "." ? "" : directory_of(result.part_path),
                          name_of(published));
}

}  // namespace

std::vector<std::string> find_leftovers(FileSystem& files, const std::string& root) {
  std::vector<std::pair<WallTime, std::string>> found;
  collect(files, root, "", 0, found);
  std::sort(found.begin(), found.end());
  std::vector<std::string> paths;
  for (auto& [time, path] : found) paths.push_back(std::move(path));
  return paths;
}

RecoveredFile recover(FileSystem& files, const std::string& root, const std::string& part_path) {
  RecoveredFile result;
  result.part_path = part_path;
  try {
    mend(files, root, result);
  } catch (const system_error& error) {
    result.error = error.what();
  }
  return result;
}

}  // namespace live::storage
