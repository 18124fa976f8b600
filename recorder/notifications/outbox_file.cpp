// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/outbox_file.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {
namespace {

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "unknown error";
  }
}

}  // namespace

struct OutboxFile::Volume {
  storage::FileSystem& files;
  std::string path;
  std::unique_ptr<storage::File> file;
  bool torn = false;  // what is there ends in the middle of a line

  storage::File& open() {
    if (!file) {
      files.make_directories(std::string(storage::directory_of(path)));
      const bool fresh = !files.stat(path);
      file = files.open(path, storage::OpenMode::create_or_open);
      if (fresh) files.sync_directory(std::string(storage::directory_of(path)));
    }
    return *file;
  }
};

OutboxFile::OutboxFile(storage::DiskThread& disk, storage::FileSystem& files, const std::string& directory,
                       NotificationMetrics& metrics)
    : disk_(disk), metrics_(metrics), alive_(std::make_shared<bool>(true)) {
  const std::string private_directory = storage::join_path(directory, storage::private_directory);
  volume_.reset(new Volume{files, storage::join_path(private_directory, "outbox.log"), nullptr, false});
}

OutboxFile::~OutboxFile() = default;

awaitable<std::string> OutboxFile::load() {
  std::function<std::string()> read([volume = volume_] {
    return storage::read_whole(volume->files, volume->path, largest_log).value_or("");
  });
  try {
    std::string text = co_await disk_.run(std::move(read));
    co_return std::move(text);
  } catch (const system_error& error) {
    log::error("The outbox can't be read; events of the time before are lost", {{"error", error.what()}});
  }
  co_return std::string();
}

void OutboxFile::begin(std::size_t size, bool ends_torn) {
  size_ = size;
  volume_->torn = ends_torn;  // no job is under way yet
}

void OutboxFile::post(std::function<void()> job, std::function<void()> done) {
  const std::weak_ptr<bool> alive = alive_;
  disk_.post(std::move(job), [this, alive, done = std::move(done)](std::exception_ptr error) {
    if (alive.expired()) return;
    if (error) {
      metrics_.log_failed();
      if (!failing_)
        log::warning("The outbox can't be written; a restart would forget what is new in it",
                     {{"error", text_of(error)}});
    }
    failing_ = error != nullptr;
    lost_ = lost_ || failing_;
    if (done) done();
  });
}

void OutboxFile::append(std::string lines, bool durable, std::function<void()> done) {
  size_ += lines.size();
  post(
      [volume = volume_, lines = std::move(lines), durable] {
        storage::File& file = volume->open();
        if (volume->torn) file.write(as_bytes("\n"));
        volume->torn = true;
        file.write(as_bytes(lines));
        volume->torn = false;
        if (durable) file.sync_data();
      },
      std::move(done));
}

void OutboxFile::replace(std::string text) {
  size_ = text.size();
  size_after_replace_ = text.size();
  lost_ = false;
  post(
      [volume = volume_, text = std::move(text)] {
        volume->file.reset();
        volume->torn = false;
        volume->files.make_directories(std::string(storage::directory_of(volume->path)));
        storage::replace_file(volume->files, volume->path, as_bytes(text));
      },
      {});
}

void OutboxFile::remove() {
  size_ = 0;
  size_after_replace_ = 0;
  post(
      [volume = volume_] {
        volume->file.reset();
        volume->files.remove(volume->path);
      },
      {});
}

awaitable<void> OutboxFile::idle() {
  std::function<void()> nothing([] {});
  co_await disk_.run(std::move(nothing));
}

bool OutboxFile::wants_replacing() const {
  return size_ > std::max(compact_above, 2 * size_after_replace_) || (lost_ && !failing_);
}

}  // namespace live::recorder
