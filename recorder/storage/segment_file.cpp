// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/segment_file.hpp"

#include <algorithm>

#include "base/notifier.hpp"
#include "recorder/storage/publish.hpp"
#include "recorder/storage/recovery.hpp"

namespace live::storage {

// Of the disk thread alone.
struct SegmentDisk {
  FileSystem& files;
  std::string root;
  FileName name;
  std::string extension;
  std::unique_ptr<File> file;
  std::string stem_path;  // root and stem, numbered
  bool failed = false;

  std::string part_path() const { return stem_path + "." + extension + std::string(part_suffix); }

  void open() {
    const std::string directory = join_path(root, name.directory);
    files.make_directories(directory);
    for (int number = 1; number < max_name_tries; ++number) {
      stem_path = join_path(directory, numbered_stem(name.stem, number));
      if (files.stat(stem_path + "." + extension)) continue;
      try {
        file = files.open(part_path(), OpenMode::create_new);
      } catch (const system_error& error) {
        if (error.code() == boost::system::errc::file_exists) continue;
        throw;
      }
      files.sync_directory(directory);
      return;
    }
    throw system_error(boost::system::errc::make_error_code(boost::system::errc::file_exists), part_path());
  }

  std::string below_root(const std::string& path) const {
    return path.substr(join_path(root, "x").size() - 1);
  }
};

// Of the executor's thread; jobs that end after the segment is gone still find it.
struct SegmentFile::State {
  State(const Executor& executor, SegmentDisk disk_part)
      : disk(std::make_shared<SegmentDisk>(std::move(disk_part))), changed(executor) {}

  void fail(const std::exception_ptr& error, const std::string& operation) {
    if (failure) return;
    try {
      std::rethrow_exception(error);
    } catch (const system_error& problem) {
      failure = DiskFailure{problem.code(), operation};
    } catch (...) {
      failure = DiskFailure{boost::system::errc::make_error_code(boost::system::errc::io_error), operation};
    }
    changed.notify();
  }

  std::shared_ptr<SegmentDisk> disk;
  Notifier changed;
  bool open = false;
  bool sync_pending = false;
  std::string part_path;
  std::string stem;
  std::uint64_t written = 0;
  std::uint64_t synced = 0;
  std::optional<DiskFailure> failure;
};

namespace {

// After the first failure nothing more is written: what is on the volume stays a whole beginning of the file.
std::function<void()> guarded(std::shared_ptr<SegmentDisk> disk, std::function<void(SegmentDisk&)> job) {
  return [disk = std::move(disk), job = std::move(job)] {
    if (disk->failed) return;
    try {
      job(*disk);
    } catch (...) {
      disk->failed = true;
      throw;
    }
  };
}

}  // namespace

SegmentFile::SegmentFile(DiskThread& disk, FileSystem& files, std::string root, FileName name,
                         std::string extension, TimePoint now, SegmentLimits limits)
    : disk_(disk),
      limits_(limits),
      state_(std::make_shared<State>(
          disk.executor(),
          SegmentDisk{files, std::move(root), std::move(name), std::move(extension), nullptr, {}})),
      buffer_since_(now),
      now_(now),
      last_sync_(now) {
  struct Names {
    std::string part_path;
    std::string stem;
  };
  auto names = std::make_shared<Names>();
  const std::size_t suffix = 1 + state_->disk->extension.size() + part_suffix.size();
  disk_.post(guarded(state_->disk,
                     [names, suffix](SegmentDisk& segment) {
                       segment.open();
                       names->part_path = segment.below_root(segment.part_path());
                       names->stem = names->part_path.substr(0, names->part_path.size() - suffix);
                     }),
             [state = state_, names](std::exception_ptr error) {
               if (error) return state->fail(error, "open");
               state->part_path = names->part_path;
               state->stem = names->stem;
               state->open = true;
               state->changed.notify();
             });
}

SegmentFile::~SegmentFile() {
  if (!published_) flush();
}

void SegmentFile::append(ByteView bytes) {
  if (buffer_.empty()) {
    buffer_since_ = now_;
    buffer_.reserve(limits_.buffer_bytes);
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  size_ += bytes.size();
  if (buffer_.size() >= limits_.buffer_bytes) flush();
}

void SegmentFile::patch(std::uint64_t offset, ByteView bytes) {
  if (offset < submitted_) {
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), submitted_ - offset));
    Bytes part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(there));
    disk_.post(
        guarded(state_->disk, [offset, part = std::move(part)](
                                  SegmentDisk& segment) { segment.file->write_at(offset, part); }),
        [state = state_](std::exception_ptr error) {
          if (error) state->fail(error, "write");
        },
        there);
    bytes = bytes.subspan(there);
    offset += there;
  }
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(offset - submitted_));
}

void SegmentFile::flush() {
  if (buffer_.empty()) return;
  const std::size_t count = buffer_.size();
  auto piece = std::make_shared<Bytes>(std::move(buffer_));
  buffer_ = Bytes();
  submitted_ += count;
  disk_.post(
      guarded(state_->disk, [piece](SegmentDisk& segment) { segment.file->write(*piece); }),
      [state = state_, count](std::exception_ptr error) {
        if (error) return state->fail(error, "write");
        if (!state->failure) state->written += count;
      },
      count);
}

void SegmentFile::tick(TimePoint now) {
  now_ = now;
  if (!buffer_.empty() && now - buffer_since_ >= limits_.buffer_age) flush();
  sync_if_due(now);
}

void SegmentFile::sync_if_due(TimePoint now) {
  if (!limits_.sync || state_->sync_pending || submitted_ == sync_submitted_) return;
  if (now - last_sync_ < limits_.sync_age && submitted_ - sync_submitted_ < limits_.sync_bytes) return;
  last_sync_ = now;
  sync_submitted_ = submitted_;
  state_->sync_pending = true;
  disk_.post(guarded(state_->disk, [](SegmentDisk& segment) { segment.file->sync_data(); }),
             [state = state_, upto = submitted_](std::exception_ptr error) {
               state->sync_pending = false;
               if (error) return state->fail(error, "fdatasync");
               if (!state->failure) state->synced = upto;
             });
}

// The journal helps after an unclean end; a recording does not fail for want of it.
void SegmentFile::write_journal(std::string json) {
  disk_.post(
      [disk = state_->disk, json = std::move(json)] {
        if (!disk->failed) replace_file(disk->files, journal_path(disk->stem_path), as_bytes(json));
      },
      [](std::exception_ptr) {});
}

const std::string& SegmentFile::part_path() const { return state_->part_path; }
const std::string& SegmentFile::stem() const { return state_->stem; }
std::uint64_t SegmentFile::written() const { return state_->written; }
std::uint64_t SegmentFile::synced() const { return state_->synced; }
const std::optional<DiskFailure>& SegmentFile::failure() const { return state_->failure; }

awaitable<void> SegmentFile::opened() {
  const std::shared_ptr<State> state = state_;
  while (!state->open && !state->failure) {
    co_await state->changed.wait(std::stop_token());
  }
}

namespace {

PublishedFile publish_on_disk(SegmentDisk& segment) {
  std::string path;
  if (segment.failed) {
    // The volume refused something: what is whole on it is cut out and gets its name, as after a crash.
    if (segment.stem_path.empty() || !segment.file)
      throw system_error(boost::system::errc::make_error_code(boost::system::errc::io_error));
    segment.file.reset();
    const RecoveredFile saved = recover(segment.files, segment.root, segment.below_root(segment.part_path()));
    if (saved.path.empty())
      throw system_error(boost::system::errc::make_error_code(boost::system::errc::io_error), saved.error);
    path = join_path(segment.root, saved.path);
  } else {
    segment.file->sync_data();
    segment.file.reset();
    path = publish_part(segment.files, segment.stem_path, segment.extension);
  }
  const std::optional<FileStat> info = segment.files.stat(path);
  PublishedFile published;
  published.path = segment.below_root(path);
  published.stem = published.path.substr(0, published.path.size() - segment.extension.size() - 1);
  published.size = info ? info->size : 0;
  return published;
}

}  // namespace

awaitable<Result<PublishedFile, DiskFailure>> SegmentFile::publish() {
  flush();
  published_ = true;
  const std::shared_ptr<State> state = state_;
  std::function<PublishedFile()> job([disk = state_->disk] { return publish_on_disk(*disk); });
  std::exception_ptr error;
  try {
    PublishedFile published = co_await disk_.run(std::move(job));
    co_return Result<PublishedFile, DiskFailure>(std::move(published));
  } catch (...) {
    error = std::current_exception();
  }
  state->fail(error, "publish");
  co_return Result<PublishedFile, DiskFailure>(Failure<DiskFailure>(*state->failure));
}

awaitable<void> SegmentFile::discard() {
  buffer_.clear();
  published_ = true;
  std::function<void()> job([disk = state_->disk] {
    if (!disk->file) return;
    disk->file.reset();
    move_to_trash(disk->files, disk->root, disk->stem_path, disk->extension);
  });
  co_await disk_.run(std::move(job));
}

}  // namespace live::storage
