// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recovery.hpp"

#include <algorithm>

#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/pipeline.hpp"
#include "recorder/hls/file_scan.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr int deepest_directory = 16;
constexpr std::size_t most_leftovers = 10'000;
constexpr std::size_t read_size = std::size_t{512} << 10;
constexpr std::size_t write_size = std::size_t{512} << 10;
constexpr std::string_view leftover_end = ".flv.part";
constexpr std::string_view mp4_leftover_end = ".mp4.part";
constexpr std::string_view rewritten_end = ".rewrite";  // of a .part: never the name of a leftover

class FileSource final : public flv::ByteSource {
 public:
  explicit FileSource(File& file) : file_(file) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    return file_.read_at(offset, to);
  }

 private:
  File& file_;
};

class FileBytes final : public flv::ByteSink {
 public:
  explicit FileBytes(File& file) : file_(file) {}
  void append(ByteView bytes) override {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= write_size) flush();
  }
  void patch(std::uint64_t offset, ByteView bytes) override {
    flush();
    file_.write_at(offset, bytes);
  }
  void truncate(std::uint64_t size) override {
    flush();
    file_.truncate(size);
  }
  void flush() {
    if (buffer_.empty()) return;
    file_.write(buffer_);
    buffer_.clear();
  }

 private:
  File& file_;
  Bytes buffer_;
};

// Writes the whole tags of a damaged file anew, times and all as the rules make them.
class Rewriter final : public flv::Sink {
 public:
  explicit Rewriter(File& file) : bytes_(file) {}
  void open_file(const flv::FileHeaders& headers) override {
    if (!writer_) writer_.emplace(bytes_, headers, flv::WriterOptions());
  }
  // A second file can't come of one that we wrote; if it does its tags would not fit the headers.
  void write(const flv::OutputTag& tag) override {
    if (writer_ && !closed_) writer_->write(tag);
  }
  void take_back() override {}  // no limits of size are set
  void close_file(flv::CloseReason) override { closed_ = true; }
  void report(const flv::Finding&) override {}
  void finish() {
    if (writer_) writer_->finish();
    bytes_.flush();
  }

 private:
  FileBytes bytes_;
  std::optional<flv::FileWriter> writer_;
  bool closed_ = false;
};

void rewrite_without_holes(FileSystem& files, const std::string& path) {
  const std::string copy = path + std::string(rewritten_end);
  {
    const std::unique_ptr<File> from = files.open(path, OpenMode::read_only);
    const std::unique_ptr<File> to = files.open(copy, OpenMode::create_or_truncate);
    Rewriter sink(*to);
    flv::ReaderLimits limits;
    limits.resync_bytes = SIZE_MAX;
    flv::TagReader reader(sink, limits);
    flv::Pipeline pipeline({}, sink);
    std::uint64_t offset = 0;
    bool more = true;
    while (more) {
      const std::span<std::uint8_t> room = reader.prepare(read_size);
      const std::size_t count = from->read_at(offset, room);
      more = count == room.size();
      offset += count;
      reader.commit(count, 0);
      if (!more) reader.end_of_stream();
      flv::drain(reader, pipeline, 0);
    }
    pipeline.finish();
    sink.finish();
    to->sync_data();
  }
  files.rename(copy, path);
  files.sync_directory(std::string(directory_of(path)));
}

flv::FileScan scan(FileSystem& files, const std::string& path) {
  const std::unique_ptr<File> file = files.open(path, OpenMode::read_only);
  FileSource source(*file);
  return flv::scan_file(source);
}

void cut_and_patch(FileSystem& files, const std::string& path, const flv::FileScan& found) {
  const std::unique_ptr<File> file = files.open(path, OpenMode::existing);
  if (found.whole_size < found.size) file->truncate(found.whole_size);
  FileBytes bytes(*file);
  flv::patch_file(bytes, found);
  file->sync_data();
}

class Mp4Source final : public hls::ByteSource {
 public:
  explicit Mp4Source(File& file) : file_(file) {}
  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    return file_.read_at(offset, to);
  }

 private:
  File& file_;
};

// Nothing of an fMP4 file moves: it is cut behind its last whole fragment, and holes are covered.
void mend_mp4(FileSystem& files, const std::string& path, RecoveredFile& result) {
  const std::unique_ptr<File> file = files.open(path, OpenMode::existing);
  Mp4Source source(*file);
  const hls::FileScan found = hls::scan_file(source, file->size());
  result.cut_bytes = found.size - found.whole_size;
  result.hole_bytes = found.hole_bytes;
  result.media_tags = found.fragments;
  result.duration_ms = found.last_ms;
  result.size = found.whole_size;
  if (found.fragments == 0) return;
  for (std::size_t i = 1; i < found.ranges.size(); ++i) {
    const std::uint64_t begin = found.ranges[i - 1].end;
    file->write_at(begin, hls::cover_of(found.ranges[i].begin - begin));
  }
  if (found.whole_size < found.size) file->truncate(found.whole_size);
  file->sync_data();
}

void find_in(FileSystem& files, const std::string& root, const std::string& directory, int depth,
             std::vector<std::pair<WallTime, std::string>>& found) {
  if (depth > deepest_directory) return;
  for (const std::string& name : files.list(join_path(root, directory))) {
    if (found.size() >= most_leftovers || name == private_directory) continue;
    const std::string path = join_path(directory, name);
    const std::optional<FileStat> info = files.stat(join_path(root, path));
    if (!info) continue;
    if (info->is_directory) {
      find_in(files, root, path, depth + 1, found);
    } else if (name.ends_with(leftover_end) || name.ends_with(mp4_leftover_end)) {
      found.emplace_back(info->modified, path);
    }
  }
}

}  // namespace

std::vector<std::string> find_leftovers(FileSystem& files, const std::string& root) {
  std::vector<std::pair<WallTime, std::string>> found;
  find_in(files, root, "", 0, found);
  std::ranges::sort(found);
  std::vector<std::string> paths;
  for (auto& [modified, path] : found) paths.push_back(std::move(path));
  return paths;
}

Leftover examine(FileSystem& files, const std::string& root, const std::string& part_path) {
  Leftover result;
  result.part_path = part_path;
  try {
    const std::string path = join_path(root, part_path);
    const std::optional<FileStat> info = files.stat(path);
    if (info) result.modified = info->modified;
    const std::string journal =
        join_path(root, split_part_path(part_path).stem + std::string(journal_suffix));
    result.journal = read_whole(files, journal).value_or("");
    // What is whole of an fMP4 file is found out when it is recovered: it never goes on.
    if (part_path.ends_with(mp4_leftover_end)) return result;
    result.scan = scan(files, path);
    result.cut_bytes = result.scan.size - result.scan.whole_size;
    result.hole_bytes = result.scan.hole_bytes;
    if (result.hole_bytes > 0) {
      rewrite_without_holes(files, path);
      result.scan = scan(files, path);
    }
  } catch (const std::exception& error) {
    result.error = error.what();
  }
  return result;
}

namespace {

flv::FileTail read_tail_of(FileSystem& files, const std::string& path, std::optional<std::uint64_t> end) {
  try {
    const std::unique_ptr<File> file = files.open(path, OpenMode::read_only);
    FileSource source(*file);
    return flv::read_tail(source, end.value_or(file->size()));
  } catch (const system_error&) {
    return {};
  }
}

}  // namespace

flv::FileTail tail_of(FileSystem& files, const std::string& root, const std::string& path) {
  return read_tail_of(files, join_path(root, path), std::nullopt);
}

flv::FileTail tail_of(FileSystem& files, const std::string& root, const Leftover& leftover) {
  return read_tail_of(files, join_path(root, leftover.part_path), leftover.scan.whole_size);
}

bool is_mp4(std::string_view path) { return path.ends_with(".mp4") || path.ends_with(mp4_leftover_end); }

hls::FileTail fragment_tail_of(FileSystem& files, const std::string& root, const std::string& path) {
  try {
    const std::unique_ptr<File> file = files.open(join_path(root, path), OpenMode::read_only);
    Mp4Source source(*file);
    return hls::read_tail(source, file->size());
  } catch (const system_error&) {
    return {};
  }
}

RecoveredFile recover(FileSystem& files, const std::string& root, const std::string& part_path) {
  return recover(files, root, examine(files, root, part_path));
}

RecoveredFile recover(FileSystem& files, const std::string& root, const Leftover& leftover) {
  RecoveredFile result;
  result.part_path = leftover.part_path;
  result.journal = leftover.journal;
  result.cut_bytes = leftover.cut_bytes;
  result.hole_bytes = leftover.hole_bytes;
  result.media_tags = leftover.scan.media_tags;
  result.duration_ms = leftover.scan.last_ms;
  result.error = leftover.error;
  if (!result.error.empty()) return result;
  const bool is_mp4 = leftover.part_path.ends_with(mp4_leftover_end);
  try {
    if (is_mp4) mend_mp4(files, join_path(root, leftover.part_path), result);
    if (result.media_tags < (is_mp4 ? 1 : min_media_tags)) {
      move_to_trash(files, root, leftover.part_path);
      return result;
    }
    if (!is_mp4) {
      cut_and_patch(files, join_path(root, leftover.part_path), leftover.scan);
      result.size = leftover.scan.whole_size;
    }
    result.path = publish_part(files, root, leftover.part_path);
  } catch (const std::exception& error) {
    result.error = error.what();
  }
  return result;
}

}  // namespace live::storage
