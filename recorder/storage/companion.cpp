// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/companion.hpp"

#include <algorithm>
#include <set>

#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr std::size_t read_size = std::size_t{256} << 10;
constexpr int deepest_directory = 16;
constexpr std::size_t most_lone = 10'000;

// Counts lines and remembers where the last one began, and whether it is the end line.
class LineCounter {
 public:
  explicit LineCounter(std::string_view end) : end_(end) {}

  // False when nothing behind this can be whole.
  bool take(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      if (byte == 0) return false;
      ++offset_;
      is_end_ = is_end_ && column_ < end_.size() && static_cast<char>(byte) == end_[column_];
      ++column_;
      if (byte == '\n') end_line();
    }
    return true;
  }

  WholeLines result() const { return whole_; }

 private:
  void end_line() {
    if (end_.empty() || !is_end_ || column_ != end_.size()) {
      whole_.size = offset_;
      ++whole_.lines;
    }
    column_ = 0;
    is_end_ = true;
  }

  std::string_view end_;
  WholeLines whole_;
  std::uint64_t offset_ = 0;
  std::size_t column_ = 0;
  bool is_end_ = true;
};

void find_in(FileSystem& files, const std::string& root, const std::string& directory, int depth,
             std::vector<std::string>& found) {
  if (depth > deepest_directory) return;
  const std::vector<std::string> names = files.list(join_path(root, directory));
  std::set<std::string> stems;
  std::set<std::string> videos;
  for (const std::string& name : names) {
    if (name == private_directory) continue;
    bool is_part = false;
    for (const CompanionKind& kind : companion_kinds) {
      const std::string end = companion_part_path("", kind);
      if (!name.ends_with(end) || name.size() == end.size()) continue;
      stems.insert(name.substr(0, name.size() - end.size()));
      is_part = true;
    }
    if (is_part) continue;
    const PartName part = split_part_path(name);
    if (!part.stem.empty()) {
      videos.insert(part.stem);
      continue;
    }
    const std::string path = join_path(directory, name);
    const std::optional<FileStat> info = files.stat(join_path(root, path));
    if (info && info->is_directory) find_in(files, root, path, depth + 1, found);
  }
  for (const std::string& stem : stems) {
    if (found.size() < most_lone && !videos.contains(stem)) found.push_back(join_path(directory, stem));
  }
}

}  // namespace

std::string companion_part_path(std::string_view stem, const CompanionKind& kind) {
  std::string path(stem);
  path += '.';
  path += kind.extension;
  path += part_suffix;
  return path;
}

WholeLines scan_lines(File& file, const CompanionKind& kind) {
  LineCounter counter(kind.end);
  Bytes buffer(read_size);
  std::uint64_t offset = 0;
  while (true) {
    const std::size_t count = file.read_at(offset, buffer);
    offset += count;
    const bool more = counter.take(ByteView(buffer).first(count)) && count == buffer.size();
    if (!more) return counter.result();
  }
}

std::unique_ptr<File> open_companion(FileSystem& files, const std::string& root, std::string_view stem,
                                     const CompanionKind& kind, std::string_view head) {
  const std::string path = join_path(root, companion_part_path(stem, kind));
  std::unique_ptr<File> file = files.open(path, OpenMode::create_or_open);
  const WholeLines whole = scan_lines(*file, kind);
  const bool goes_on = whole.lines > 0 && whole.lines >= kind.head_lines;
  const std::uint64_t keep = goes_on ? whole.size : 0;
  if (file->size() > keep) file->truncate(keep);
  if (!goes_on && !head.empty()) file->write(as_bytes(head));
  return file;
}

std::string finish_companion(FileSystem& files, const std::string& root, std::string_view stem,
                             std::string_view to, const CompanionKind& kind, std::unique_ptr<File> file) {
  if (!kind.end.empty()) file->write(as_bytes(kind.end));
  file->sync_data();
  file.reset();
  const std::string part_path = join_path(root, companion_part_path(stem, kind));
  for (int number = 1; number <= most_numbered_stems; ++number) {
    std::string path = numbered_stem(to, number);
    path += '.';
    path += kind.extension;
    if (!files.rename_new(part_path, join_path(root, path))) continue;
    files.sync_directory(std::string(directory_of(part_path)));
    return path;
  }
  return {};
}

std::string recover_companion(FileSystem& files, const std::string& root, std::string_view stem,
                              std::string_view to, const CompanionKind& kind) {
  const std::string part = companion_part_path(stem, kind);
  if (!files.stat(join_path(root, part))) return {};
  std::unique_ptr<File> file = files.open(join_path(root, part), OpenMode::existing);
  const WholeLines whole = scan_lines(*file, kind);
  if (whole.lines == 0 || whole.lines < kind.head_lines) {
    file.reset();
    move_to_trash(files, root, part);
    return {};
  }
  if (file->size() > whole.size) file->truncate(whole.size);
  return finish_companion(files, root, stem, to, kind, std::move(file));
}

std::vector<std::string> recover_companions(FileSystem& files, const std::string& root, std::string_view stem,
                                            std::string_view to) {
  std::vector<std::string> paths;
  for (const CompanionKind& kind : companion_kinds) {
    try {
      std::string path = recover_companion(files, root, stem, to, kind);
      if (!path.empty()) paths.push_back(std::move(path));
    } catch (const system_error&) {
      // It stays, and the next start tries again.
    }
  }
  return paths;
}

void discard_companions(FileSystem& files, const std::string& root, std::string_view stem) {
  for (const CompanionKind& kind : companion_kinds) {
    const std::string part = companion_part_path(stem, kind);
    try {
      if (files.stat(join_path(root, part))) move_to_trash(files, root, part);
    } catch (const system_error&) {
      // As above.
    }
  }
}

std::vector<std::string> find_lone_companions(FileSystem& files, const std::string& root) {
  std::vector<std::string> found;
  find_in(files, root, "", 0, found);
  std::ranges::sort(found);
  return found;
}

}  // namespace live::storage
