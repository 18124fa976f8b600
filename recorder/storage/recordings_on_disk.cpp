// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recordings_on_disk.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr int deepest_directory = 16;
constexpr std::size_t largest_manifest = std::size_t{4} << 20;

class Search {
 public:
  Search(FileSystem& files, const std::string& root) : files_(files), root_(root) {}

  void search(const std::string& directory, int depth) {
    const std::vector<std::string> names = files_.list(join_path(root_, directory));
    const std::set<std::string> here(names.begin(), names.end());
    // Another LiveRoom's directory, below ours on a shared volume.
    if (depth > 0 && here.contains(std::string(private_directory))) return;
    for (const std::string& name : names) {
      if (name == private_directory) continue;
      const std::string path = join_path(directory, name);
      const std::optional<FileStat> info = files_.stat(join_path(root_, path));
      if (!info) continue;
      if (info->is_directory) {
        if (depth < deepest_directory) search(path, depth + 1);
      } else if (name.ends_with(part_suffix)) {
        content_.open_bytes += info->size;
      } else if (name.ends_with(manifest_suffix) && !name.ends_with(journal_suffix)) {
        take(directory, name, info->size, here);
      }
    }
  }

  DirectoryContent content() && {
    for (auto& [session, recording] : recordings_) {
      std::ranges::sort(recording.segments, {}, &SegmentOnDisk::part);
      content_.recordings.push_back(std::move(recording));
    }
    return std::move(content_);
  }

 private:
  void take(const std::string& directory, const std::string& name, std::uint64_t size,
            const std::set<std::string>& here) {
    if (segments_ >= most_segments) {
      content_.complete = false;
      return;
    }
    SegmentOnDisk segment;
    segment.directory = directory;
    segment.stem = name.substr(0, name.size() - manifest_suffix.size());
    const std::optional<RecordingManifest> manifest = read(join_path(directory, name), segment.stem);
    if (!manifest) {
      ++content_.foreign;
      return;
    }
    ++segments_;
    segment.part = manifest->part;
    segment.bytes = size;
    for (const std::string& file : manifest->files) {
      const std::optional<FileStat> info = files_.stat(path_of(directory, file));
      if (!info || info->is_directory) continue;
      segment.bytes += info->size;
      segment.files.push_back(file);
    }
    RecordingOnDisk& recording = recordings_[manifest->session];
    recording.session = manifest->session;
    recording.end = std::max(recording.end, manifest->end);
    recording.bytes += segment.bytes;
    recording.open = recording.open || has_part(segment.stem, here);
    recording.segments.push_back(std::move(segment));
  }

  std::optional<RecordingManifest> read(const std::string& path, const std::string& stem) {
    try {
      const std::optional<std::string> text = read_whole(files_, join_path(root_, path), largest_manifest);
      if (!text) return std::nullopt;
      Result<RecordingManifest> manifest = read_manifest(*text, stem);
      if (manifest) return std::move(manifest).value();
    } catch (const system_error&) {
      // Not readable: not ours to touch.
    }
    return std::nullopt;
  }

  static bool has_part(const std::string& stem, const std::set<std::string>& here) {
    const std::string begin = stem + ".";
    for (auto name = here.lower_bound(begin); name != here.end() && name->starts_with(begin); ++name)
      if (name->ends_with(part_suffix)) return true;
    return false;
  }

  std::string path_of(const std::string& directory, const std::string& name) const {
    return join_path(root_, join_path(directory, name));
  }

  FileSystem& files_;
  const std::string& root_;
  DirectoryContent content_;
  std::map<std::string, RecordingOnDisk> recordings_;
  std::size_t segments_ = 0;
};

}  // namespace

DirectoryContent find_recordings(FileSystem& files, const std::string& root) {
  Search search(files, root);
  search.search("", 0);
  return std::move(search).content();
}

void remove_recording(FileSystem& files, const std::string& root, const RecordingOnDisk& recording,
                      Removed& removed) {
  for (const SegmentOnDisk& segment : recording.segments) {
    const std::string directory = join_path(root, segment.directory);
    std::vector<std::string> names = segment.files;
    names.push_back(segment.stem + std::string(manifest_suffix));
    for (const std::string& name : names) {
      const std::string path = join_path(directory, name);
      const std::optional<FileStat> info = files.stat(path);
      if (!info || !files.remove(path)) continue;
      ++removed.files;
      removed.bytes += info->size;
    }
    files.sync_directory(directory);
  }
}

}  // namespace live::storage
