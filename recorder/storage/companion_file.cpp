// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/companion_file.hpp"

namespace live::storage {

// Shared with the jobs, so that these may outlive the object. The first part is of the disk thread, the
// second of the executor's.
struct CompanionFile::State {
  explicit State(FileSystem& file_system, CompanionKind file_kind) : files(file_system), kind(file_kind) {}

  FileSystem& files;
  CompanionKind kind;
  std::string root;
  std::string stem;
  std::unique_ptr<File> file;

  std::size_t submitted = 0;  // bytes that the disk thread has not written yet
  std::string failure;

  void finished(std::exception_ptr error) {
    if (!error || !failure.empty()) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& problem) {
      failure = problem.what();
    } catch (...) {
      failure = "unknown";
    }
  }
};

CompanionFile::CompanionFile(DiskThread& disk, FileSystem& files, std::string root,
                             std::function<std::string()> stem, CompanionKind kind, std::string head,
                             TimePoint now)
    : disk_(disk),
      state_(std::make_shared<State>(files, kind)),
      now_(now),
      buffer_since_(now),
      last_sync_(now) {
  state_->root = std::move(root);
  const std::shared_ptr<State> state = state_;
  disk_.post(
      [state, stem = std::move(stem), head = std::move(head)] {
        state->stem = stem();
        if (state->stem.empty()) return;
        state->file = open_companion(state->files, state->root, state->stem, state->kind, head);
      },
      [state](std::exception_ptr error) { state->finished(error); });
}

CompanionFile::~CompanionFile() {
  if (!ended_) submit();
}

bool CompanionFile::append(std::string_view lines) {
  if (!state_->failure.empty() || waiting_bytes() + lines.size() > most_waiting) return false;
  if (buffer_.empty()) buffer_since_ = now_;
  buffer_ += lines;
  if (buffer_.size() >= buffer_bytes) submit();
  return true;
}

void CompanionFile::tick(TimePoint now) {
  now_ = now;
  if (!buffer_.empty() && now - buffer_since_ >= buffer_age) submit();
  if (unsynced_ && now - last_sync_ >= sync_age) submit_sync();
}

void CompanionFile::submit() {
  if (buffer_.empty()) return;
  const std::shared_ptr<State> state = state_;
  const auto text = std::make_shared<const std::string>(std::move(buffer_));
  buffer_.clear();
  unsynced_ = true;
  state_->submitted += text->size();
  disk_.post(
      [state, text] {
        if (state->file) state->file->write(as_bytes(*text));
      },
      [state, size = text->size()](std::exception_ptr error) {
        state->submitted -= size;
        state->finished(error);
      },
      text->size());
}

void CompanionFile::submit_sync() {
  unsynced_ = false;
  last_sync_ = now_;
  const std::shared_ptr<State> state = state_;
  disk_.post(
      [state] {
        if (state->file) state->file->sync_data();
      },
      [state](std::exception_ptr error) { state->finished(error); });
}

std::size_t CompanionFile::waiting_bytes() const { return buffer_.size() + state_->submitted; }

const std::string& CompanionFile::failure() const { return state_->failure; }

awaitable<std::string> CompanionFile::publish(std::string stem) {
  submit();
  ended_ = true;
  const std::shared_ptr<State> state = state_;
  const bool whole = state->failure.empty();
  const auto finish = [state, stem, whole] {
    if (state->stem.empty()) return std::string();
    if (whole && state->file) {
      return finish_companion(state->files, state->root, state->stem, stem, state->kind,
                              std::move(state->file));
    }
    state->file.reset();
    return recover_companion(state->files, state->root, state->stem, stem, state->kind);
  };
  std::string path;
  try {
    path = co_await disk_.run(finish);
  } catch (const system_error& error) {
    if (state->failure.empty()) state->failure = error.what();
  }
  co_return std::move(path);
}

awaitable<void> CompanionFile::discard() {
  buffer_.clear();
  ended_ = true;
  const std::shared_ptr<State> state = state_;
  const auto finish = [state] {
    state->file.reset();
    if (!state->stem.empty()) discard_companions(state->files, state->root, state->stem);
  };
  co_await disk_.run(finish);
}

}  // namespace live::storage
