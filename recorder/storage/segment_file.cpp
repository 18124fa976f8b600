// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/segment_file.hpp"

#include <algorithm>

#include "recorder/storage/recovery.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

// As many as the disk queue holds when the stream is faster than the volume: fresh memory costs more than the
// write.
constexpr std::size_t most_spare_buffers = 16;

error_code io_error() { return boost::system::errc::make_error_code(boost::system::errc::io_error); }

DiskFailure failure_of(std::exception_ptr error, std::string_view operation) {
  try {
    std::rethrow_exception(error);
  } catch (const system_error& system) {
    return {system.code(), std::string(operation)};
  } catch (...) {
    return {io_error(), std::string(operation)};
  }
}

}  // namespace

// Shared with the jobs, so that these may outlive the object. The first part is of the disk thread, the
// second of the executor's.
struct SegmentFile::State {
  State(FileSystem& file_system, const Executor& executor) : files(file_system), changed(executor) {}

  FileSystem& files;
  std::string root;
  FileName name;
  std::string extension;
  std::unique_ptr<File> file;
  std::string disk_stem;
  bool broken = false;  // an operation failed: nothing more is done to the file

  bool is_open = false;
  std::string stem;
  std::string part_path;
  std::uint64_t written = 0;
  std::uint64_t synced = 0;
  std::optional<DiskFailure> failure;
  Notifier changed;
  std::vector<Bytes> spare_buffers;

  std::string disk_part_path() const { return disk_stem + "." + extension + std::string(part_suffix); }

  // Runs on the disk thread.
  template <class F>
  void attempt(F&& operation) {
    if (broken) return;
    try {
      operation();
    } catch (...) {
      broken = true;
      throw;
    }
  }
  Result<PublishedFile, DiskFailure> publish();
  // Run on the executor.
  void opened(std::exception_ptr error) {
    if (!error) {
      is_open = true;
      stem = disk_stem;
      part_path = disk_part_path();
    }
    finished(error, "open");
  }
  void finished(std::exception_ptr error, std::string_view operation) {
    if (error && !failure) failure = failure_of(error, operation);
    changed.notify();
  }
};

SegmentFile::SegmentFile(DiskThread& disk, FileSystem& files, std::string root, FileName name,
                         std::string extension, TimePoint now, SegmentLimits limits)
    : disk_(disk),
      limits_(limits),
      state_(std::make_shared<State>(files, disk.executor())),
      now_(now),
      buffer_since_(now),
      last_sync_(now) {
  state_->root = std::move(root);
  state_->name = std::move(name);
  state_->extension = std::move(extension);
  const std::shared_ptr<State> state = state_;
  disk_.post(
      [state] {
        state->attempt([&state] {
          NewSegment opened = open_new_segment(state->files, state->root, state->name, state->extension);
          state->file = std::move(opened.file);
          state->disk_stem = std::move(opened.stem);
        });
      },
      [state](std::exception_ptr error) { state->opened(error); });
}

SegmentFile::SegmentFile(DiskThread& disk, FileSystem& files, std::string root, const ResumedPart& part,
                         TimePoint now, SegmentLimits limits)
    : disk_(disk),
      limits_(limits),
      state_(std::make_shared<State>(files, disk.executor())),
      size_(part.whole_size),
      submitted_(part.whole_size),
      sync_submitted_(part.whole_size),
      now_(now),
      buffer_since_(now),
      last_sync_(now) {
  PartName name = split_part_path(part.part_path);
  state_->root = std::move(root);
  state_->extension = std::move(name.extension);
  state_->disk_stem = std::move(name.stem);
  state_->written = part.whole_size;
  const std::shared_ptr<State> state = state_;
  disk_.post(
      [state, size = part.whole_size] {
        state->attempt([&] {
          state->file =
              state->files.open(join_path(state->root, state->disk_part_path()), OpenMode::existing);
          if (state->file->size() != size) state->file->truncate(size);
        });
      },
      [state](std::exception_ptr error) { state->opened(error); });
}

SegmentFile::~SegmentFile() {
  if (!ended_) flush();
}

Bytes SegmentFile::fresh_buffer() {
  Bytes buffer;
  if (!state_->spare_buffers.empty()) {
    buffer = std::move(state_->spare_buffers.back());
    state_->spare_buffers.pop_back();
    buffer.clear();
  }
  buffer.reserve(limits_.buffer_bytes);
  return buffer;
}

void SegmentFile::append(ByteView bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (buffer_.empty()) {
      if (buffer_.capacity() < limits_.buffer_bytes) buffer_ = fresh_buffer();
      buffer_since_ = now_;
    }
    const ByteView part = bytes.first(std::min(bytes.size(), limits_.buffer_bytes - buffer_.size()));
    buffer_.insert(buffer_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (buffer_.size() == limits_.buffer_bytes) submit();
  }
}

void SegmentFile::patch(std::uint64_t offset, ByteView bytes) {
  if (offset < submitted_) {
    const std::size_t count =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), submitted_ - offset));
    patches_.push_back({offset, Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count))});
    bytes = bytes.subspan(count);
    offset += count;
  }
  if (bytes.empty()) return;
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(offset - submitted_));
}

void SegmentFile::truncate(std::uint64_t size) {
  size_ = size;
  if (size >= submitted_) {
    buffer_.resize(static_cast<std::size_t>(size - submitted_));
    return;
  }
  buffer_.clear();
  submit_patches();
  submitted_ = size;
  sync_submitted_ = std::min(sync_submitted_, size);
  const std::shared_ptr<State> state = state_;
  disk_.post([state, size] { state->attempt([&] { state->file->truncate(size); }); },
             [state, size](std::exception_ptr error) {
               if (!error && !state->failure) {
                 state->written = std::min(state->written, size);
                 state->synced = std::min(state->synced, size);
               }
               state->finished(error, "truncate");
             });
}

void SegmentFile::submit() {
  if (buffer_.empty()) return;
  const std::size_t count = buffer_.size();
  submitted_ += count;
  const std::shared_ptr<State> state = state_;
  const auto data = std::make_shared<Bytes>(std::move(buffer_));
  buffer_ = Bytes();
  disk_.post([state, data] { state->attempt([&] { state->file->write(*data); }); },
             [state, data, submitted = submitted_](std::exception_ptr error) {
               if (!error && !state->failure) state->written = submitted;
               if (state->spare_buffers.size() < most_spare_buffers)
                 state->spare_buffers.push_back(std::move(*data));
               state->finished(error, "write");
             },
             count);
  if (limits_.sync && submitted_ - sync_submitted_ >= limits_.sync_bytes) submit_sync();
}

void SegmentFile::submit_patches() {
  if (patches_.empty()) return;
  const std::shared_ptr<State> state = state_;
  const auto patches = std::make_shared<std::vector<Patch>>(std::move(patches_));
  patches_.clear();
  std::size_t count = 0;
  for (const Patch& one : *patches) count += one.bytes.size();
  disk_.post(
      [state, patches] {
        state->attempt([&] {
          for (const Patch& one : *patches) state->file->write_at(one.offset, one.bytes);
        });
      },
      [state](std::exception_ptr error) { state->finished(error, "write"); }, count);
}

void SegmentFile::submit_sync() {
  sync_submitted_ = submitted_;
  last_sync_ = now_;
  const std::shared_ptr<State> state = state_;
  disk_.post([state] { state->attempt([&] { state->file->sync_data(); }); },
             [state, submitted = submitted_](std::exception_ptr error) {
               if (!error && !state->failure) state->synced = submitted;
               state->finished(error, "fdatasync");
             });
}

void SegmentFile::flush() {
  submit();
  submit_patches();
}

void SegmentFile::tick(TimePoint now) {
  now_ = now;
  if (!buffer_.empty() && now - buffer_since_ >= limits_.buffer_age) submit();
  submit_patches();
  if (limits_.sync && submitted_ > sync_submitted_ && now - last_sync_ >= limits_.sync_age) submit_sync();
}

void SegmentFile::write_journal(std::string json) {
  const std::shared_ptr<State> state = state_;
  const auto text = std::make_shared<const std::string>(std::move(json));
  disk_.post(
      [state, text] {
        if (state->broken) return;
        replace_file(state->files, join_path(state->root, state->disk_stem + std::string(journal_suffix)),
                     as_bytes(*text));
      },
      nullptr, text->size());
}

std::function<std::string()> SegmentFile::stem_on_disk() const {
  return [state = state_] { return state->disk_stem; };
}

const std::string& SegmentFile::part_path() const { return state_->part_path; }
const std::string& SegmentFile::stem() const { return state_->stem; }
std::uint64_t SegmentFile::written() const { return state_->written; }
std::uint64_t SegmentFile::synced() const { return state_->synced; }
const std::optional<DiskFailure>& SegmentFile::failure() const { return state_->failure; }

awaitable<void> SegmentFile::opened() {
  const std::shared_ptr<State> state = state_;
  const std::stop_token never;
  while (!state->is_open && !state->failure) {
    co_await state->changed.wait(never);
  }
}

namespace {

PublishedFile published(std::string path, std::uint64_t size) {
  PublishedFile result;
  result.stem = path.substr(0, path.rfind('.'));
  result.path = std::move(path);
  result.size = size;
  return result;
}

}  // namespace

// On the disk thread.
Result<PublishedFile, DiskFailure> SegmentFile::State::publish() {
  const Failure<DiskFailure> failed{DiskFailure{io_error(), "publish"}};
  try {
    if (!broken) {
      const std::uint64_t size = file->size();
      file->sync_data();
      file.reset();
      return published(publish_part(files, root, disk_part_path()), size);
    }
    if (disk_stem.empty()) return failed;  // it never was open
    file.reset();
    const RecoveredFile recovered = recover(files, root, disk_part_path());
    if (!recovered.error.empty()) return failed;
    PublishedFile cut = published(recovered.path, recovered.size);
    cut.cut_to_ms = recovered.duration_ms;
    return cut;
  } catch (...) {
    broken = true;
    return Failure<DiskFailure>{failure_of(std::current_exception(), "publish")};
  }
}

awaitable<Result<PublishedFile, DiskFailure>> SegmentFile::publish() {
  flush();
  ended_ = true;
  const std::shared_ptr<State> state = state_;
  const auto finish = [state] { return state->publish(); };
  Result<PublishedFile, DiskFailure> result = co_await disk_.run(finish);
  if (!result && !state->failure) state->failure = result.error();
  co_return result;
}

awaitable<void> SegmentFile::discard() {
  const std::shared_ptr<State> state = state_;
  buffer_.clear();
  patches_.clear();
  ended_ = true;
  const auto finish = [state] {
    state->file.reset();
    state->broken = true;
    if (state->disk_stem.empty()) return;
    try {
      move_to_trash(state->files, state->root, state->disk_part_path());
    } catch (const system_error&) {
      // It stays as a leftover, and recovery tries again.
    }
  };
  co_await disk_.run(finish);
}

}  // namespace live::storage
