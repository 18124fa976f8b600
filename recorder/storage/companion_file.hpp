// SPDX-License-Identifier: Apache-2.0
// A companion while its video is being recorded. It never holds the video up and never fails it: what can't
// be written in time is left out and counted.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "recorder/storage/companion.hpp"
#include "recorder/storage/disk_thread.hpp"

namespace live::storage {

// Everything is of the executor's thread; nothing blocks.
class CompanionFile {
 public:
  // Text that may wait here and for the volume; named "danmaku" in the metrics.
  static constexpr std::size_t most_waiting = std::size_t{2} << 20;
  static constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  // With the quarter second between two ticks: what a kill -9 costs at most.
  static constexpr Duration buffer_age = std::chrono::milliseconds(500);
  static constexpr Duration sync_age = std::chrono::seconds(5);

  // Begins to open. `stem` is called on the disk thread, after all jobs that are queued now: the video's stem
  // below the root, empty when it has none.
  CompanionFile(DiskThread& disk, FileSystem& files, std::string root, std::function<std::string()> stem,
                CompanionKind kind, std::string head, TimePoint now);
  // What is not published stays as .part for recovery, with all that was appended.
  ~CompanionFile();
  CompanionFile(const CompanionFile&) = delete;
  CompanionFile& operator=(const CompanionFile&) = delete;

  // Whole lines. False: left out, as too much is waiting or the file has failed.
  bool append(std::string_view lines);
  // Several times a second: hands over what is old enough.
  void tick(TimePoint now);

  std::size_t waiting_bytes() const;
  // What went wrong first; empty while all is well.
  const std::string& failure() const;

  // The end: gets its end and the name of the video, `stem` as it was published. Its path below the root;
  // empty when there is none (then failure() says why, or there was nothing).
  awaitable<std::string> publish(std::string stem);
  // The end of one whose video isn't kept.
  awaitable<void> discard();

 private:
  struct State;
  void submit();
  void submit_sync();

  DiskThread& disk_;
  std::shared_ptr<State> state_;
  std::string buffer_;
  TimePoint now_;
  TimePoint buffer_since_;
  TimePoint last_sync_;
  bool unsynced_ = false;
  bool ended_ = false;
};

}  // namespace live::storage
