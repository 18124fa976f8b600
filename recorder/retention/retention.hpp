// SPDX-License-Identifier: Apache-2.0
// Keeps the recordings within the limits of the spec, and the trash within its own.
#pragma once
#include <functional>
#include <string>

#include "base/alarm.hpp"
#include "liveroom/spec.hpp"
#include "recorder/reporting/status_board.hpp"
#include "recorder/retention/retention_metrics.hpp"
#include "recorder/storage/disk_thread.hpp"
#include "recorder/storage/filesystem.hpp"

namespace live::recorder {

// The references outlive the retention.
struct RetentionEnvironment {
  Clock& clock;
  storage::DiskThread& disk;
  storage::FileSystem& files;
  Metrics& metrics;
  StatusBoard& board;
  bool dry_run = false;  // says what would go, removes nothing
};

class Retention {
 public:
  // Between two looks at the recordings; one that ends asks for one at once.
  static constexpr Duration interval = std::chrono::minutes(10);
  // Between two looks at the free space, where some is to be kept.
  static constexpr Duration space_interval = std::chrono::minutes(1);
  static constexpr std::chrono::seconds trash_age = std::chrono::hours(24 * 7);
  static constexpr std::uint64_t trash_size = std::uint64_t{1} << 30;

  // `directory`: of the recordings, absolute. `spared`: the session that is going on or may go on; empty:
  // none.
  Retention(RetentionEnvironment environment, std::string directory, liveroom::RetentionSpec spec,
            std::function<std::string()> spared);

  // Until stopped.
  awaitable<void> run(std::stop_token stop);

  void configure(const liveroom::RetentionSpec& spec);
  // Something has been published.
  void look();

 private:
  struct Round;

  bool wanted() const;
  awaitable<bool> is_short_of_space();
  awaitable<void> tidy();
  awaitable<void> empty_trash();
  void report(const Round& round);

  RetentionEnvironment environment_;
  RetentionMetrics metrics_;
  std::string directory_;
  liveroom::RetentionSpec spec_;
  std::function<std::string()> spared_;
  Alarm alarm_;
  bool asked_ = true;
  bool told_unmet_ = false;
};

}  // namespace live::recorder
