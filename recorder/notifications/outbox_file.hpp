// SPDX-License-Identifier: Apache-2.0
// <directory>/.liveroom/outbox.log through the disk thread: appended to, and written anew when it has grown.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "recorder/notifications/notification_metrics.hpp"
#include "recorder/storage/disk_thread.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

// One thread. What the volume refuses is counted and logged; events then live in memory alone.
class OutboxFile {
 public:
  static constexpr std::size_t compact_above = std::size_t{1} << 20;
  // A log that is larger was not written by us.
  static constexpr std::size_t largest_log = std::size_t{64} << 20;

  OutboxFile(storage::DiskThread& disk, storage::FileSystem& files, const std::string& directory,
             NotificationMetrics& metrics);
  ~OutboxFile();

  // Empty when there is none or it can't be read.
  awaitable<std::string> load();
  // `ends_torn`: what is on the volume lacks its last line break.
  void begin(std::size_t size, bool ends_torn);

  // In order. `durable`: kept through a loss of power, too. `done` runs on the executor when it is on the
  // volume or could not be written; not after this object's end.
  void append(std::string lines, bool durable, std::function<void()> done = {});
  // By temporary file and rename: old or new, never half.
  void replace(std::string text);
  void remove();
  // Returns when everything before is done.
  awaitable<void> idle();

  // Whether replace() is worth its while: it has grown, or the volume has refused something and takes writes
  // again.
  bool wants_replacing() const;

 private:
  struct Volume;
  void post(std::function<void()> job, std::function<void()> done);

  storage::DiskThread& disk_;
  NotificationMetrics& metrics_;
  std::shared_ptr<Volume> volume_;  // of the disk thread
  std::shared_ptr<bool> alive_;
  std::size_t size_ = 0;
  std::size_t size_after_replace_ = 0;
  bool failing_ = false;  // the newest write was refused
  bool lost_ = false;     // one since the last replace() was
};

}  // namespace live::recorder
