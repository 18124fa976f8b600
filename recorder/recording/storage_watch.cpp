// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/storage_watch.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "liveroom/names.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {

namespace reason = liveroom::reason;
using storage::DiskFailure;
using storage::DiskGate;

std::string_view disk_reason(const error_code& code) {
  const bool full = code == boost::system::errc::no_space_on_device || code.value() == EDQUOT;
  return full ? reason::disk_full : reason::write_failed;
}

// One look at the volume; shared with the disk thread.
struct StorageWatch::Look {
  bool write = false;
  bool done = false;
  std::uint64_t free_bytes = 0;
  std::optional<DiskFailure> failure;

  void at(storage::FileSystem& files, const std::string& root) {
    files.make_directories(root);
    free_bytes = files.space(root).free_bytes;
    if (!write) return;
    const std::string folder = storage::join_path(root, storage::private_directory);
    files.make_directories(folder);
    const std::string path = storage::join_path(folder, "trial");
    storage::replace_file(files, path, as_bytes("trial\n"));
    files.remove(path);
  }
};

StorageWatch::StorageWatch(RecordingStorage storage, Clock& clock, Duration stalled_after)
    : storage_(std::move(storage)), clock_(clock), stalled_after_(stalled_after) {}

void StorageWatch::look() {
  look_ = std::make_shared<Look>();
  look_->write = failure_.has_value() || !gate_.open();
  const std::shared_ptr<Look> look = look_;
  storage_.disk.post([look, files = &storage_.files, root = storage_.root] { look->at(*files, root); },
                     [look](std::exception_ptr error) {
                       look->done = true;
                       if (!error) return;
                       try {
                         std::rethrow_exception(error);
                       } catch (const system_error& system) {
                         look->failure = DiskFailure{system.code(), "trial"};
                       } catch (const std::exception&) {
                         look->failure = DiskFailure{
                             boost::system::errc::make_error_code(boost::system::errc::io_error), "trial"};
                       }
                     });
}

void StorageWatch::tick(std::uint64_t bytes_per_second) {
  bytes_per_second_ = bytes_per_second;
  const TimePoint now = clock_.now();
  if (look_ && look_->done) {
    const std::shared_ptr<Look> look = std::move(look_);
    look_.reset();
    take(*look);
  }
  if (!look_ && now >= next_look_) {
    next_look_ = now + DiskGate::probe_interval;
    look();
  }
  // On the steady clock of the thread, which is also the process's.
  const Duration silent = storage_.disk.stalled_for(std::chrono::steady_clock::now());
  if (silent >= stalled_after_ && (!problem_ || problem_->stalled)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
    problem_ = StorageProblem{reason::write_failed,
                              fmt::format("the volume has not answered for {} s", seconds / 10 * 10), true};
  } else if (problem_ && problem_->stalled) {
    problem_.reset();
  }
}

void StorageWatch::take(const Look& look) {
  if (look.failure) {
    failed(*look.failure);
    return;
  }
  free_bytes_ = look.free_bytes;
  if (failure_ && !look.write) return;  // it began before the failure
  failure_.reset();
  if (gate_.probed(look.free_bytes, bytes_per_second_)) {
    problem_.reset();
    return;
  }
  const std::uint64_t wanted = DiskGate::limit(bytes_per_second_) * DiskGate::margin_to_open;
  problem_ = StorageProblem{reason::disk_full,
                            fmt::format("{} MiB are free; recording goes on when there are more than {} MiB",
                                        look.free_bytes >> 20, wanted >> 20),
                            false};
}

void StorageWatch::failed(const DiskFailure& failure) {
  failure_ = failure;
  const std::string_view why = disk_reason(failure.code);
  if (why == reason::disk_full) gate_.close();
  problem_ = StorageProblem{why, failure.operation + ": " + failure.code.message(), false};
  // What is under way may have begun before the failure.
  look_.reset();
}

}  // namespace live::recorder
