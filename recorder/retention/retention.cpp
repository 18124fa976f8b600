// SPDX-License-Identifier: Apache-2.0
#include "recorder/retention/retention.hpp"

#include "base/log.hpp"
#include "base/stop.hpp"
#include "base/time_format.hpp"
#include "recorder/storage/recordings_on_disk.hpp"
#include "recorder/storage/retention_plan.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {
namespace {

using storage::RecordingOnDisk;

storage::RetentionLimits limits_of(const liveroom::RetentionSpec& spec) {
  storage::RetentionLimits limits;
  limits.max_age = std::chrono::seconds(spec.max_age_seconds);
  limits.max_size = static_cast<std::uint64_t>(spec.max_size_bytes);
  limits.min_free = static_cast<std::uint64_t>(spec.min_free_bytes);
  return limits;
}

std::string first_file(const RecordingOnDisk& recording) {
  if (recording.segments.empty()) return {};
  const storage::SegmentOnDisk& segment = recording.segments.front();
  return storage::join_path(segment.directory, segment.stem);
}

}  // namespace

// One look at the volume and what came of it. Filled on the disk thread.
struct Retention::Round {
  storage::DirectoryContent content;
  storage::RetentionPlan plan;
  storage::Removed removed;
  std::uint64_t failures = 0;
};

Retention::Retention(RetentionEnvironment environment, std::string directory, liveroom::RetentionSpec spec,
                     std::function<std::string()> spared)
    : environment_(environment),
      metrics_(environment.metrics),
      directory_(std::move(directory)),
      spec_(spec),
      spared_(std::move(spared)),
      alarm_(environment_.clock) {}

bool Retention::wanted() const {
  return spec_.max_age_seconds > 0 || spec_.max_size_bytes > 0 || spec_.min_free_bytes > 0;
}

void Retention::configure(const liveroom::RetentionSpec& spec) {
  if (spec == spec_) return;
  spec_ = spec;
  look();
}

void Retention::look() {
  asked_ = true;
  alarm_.ring();
}

awaitable<void> Retention::run(std::stop_token stop) {
  TimePoint next = environment_.clock.now();
  while (!stop.stop_requested()) {
    bool due = asked_ || environment_.clock.now() >= next;
    if (!due && wanted() && spec_.min_free_bytes > 0) due = co_await is_short_of_space();
    if (due) {
      asked_ = false;
      next = environment_.clock.now() + interval;
      co_await empty_trash();
      if (wanted()) co_await tidy();
    }
    const TimePoint wake =
        spec_.min_free_bytes > 0 ? environment_.clock.now() + space_interval : TimePoint::max();
    co_await alarm_.wait_until(std::min(next, wake), stop);
  }
}

awaitable<bool> Retention::is_short_of_space() {
  std::function<std::uint64_t()> ask([this] { return environment_.files.space(directory_).free_bytes; });
  try {
    const std::uint64_t free = co_await environment_.disk.run(std::move(ask));
    co_return free < static_cast<std::uint64_t>(spec_.min_free_bytes);
  } catch (const system_error&) {
    metrics_.failures.Increment();
  }
  co_return false;
}

awaitable<void> Retention::tidy() {
  const std::string spared = spared_();
  const storage::RetentionLimits limits = limits_of(spec_);
  const WallTime now = environment_.clock.wall_now();
  const bool dry_run = environment_.dry_run;
  std::function<Round()> work(
      [files = &environment_.files, directory = directory_, spared, limits, now, dry_run] {
        Round round;
        round.content = storage::find_recordings(*files, directory);
        storage::RetentionState state;
        state.now = now;
        state.other_bytes = round.content.open_bytes;
        if (limits.min_free > 0) state.free_bytes = files->space(directory).free_bytes;
        for (const RecordingOnDisk& recording : round.content.recordings)
          state.recordings.push_back({recording.end, recording.bytes,
                                      !recording.open && (spared.empty() || recording.session != spared)});
        round.plan = storage::plan_retention(state, limits);
        for (const std::size_t place : round.plan.remove) {
          if (dry_run) break;
          try {
            storage::remove_recording(*files, directory, round.content.recordings[place], round.removed);
          } catch (const system_error&) {
            ++round.failures;
          }
        }
        return round;
      });
  try {
    const Round round = co_await environment_.disk.run(std::move(work));
    report(round);
  } catch (const system_error& error) {
    metrics_.failures.Increment();
    log::warning("The recordings could not be looked through", {{"error", error.what()}});
  }
}

void Retention::report(const Round& round) {
  const std::string_view what =
      environment_.dry_run ? "A recording would be removed (dry run)" : "A recording is removed";
  std::uint64_t bytes = 0;
  for (const RecordingOnDisk& recording : round.content.recordings) bytes += recording.bytes;
  for (const std::size_t place : round.plan.remove) {
    const RecordingOnDisk& recording = round.content.recordings[place];
    log::info(what, {{"recording", first_file(recording)},
                     {"session", recording.session},
                     {"ended", format_rfc3339(recording.end)},
                     {"segments", recording.segments.size()},
                     {"bytes", recording.bytes}});
  }
  metrics_.recordings.Set(static_cast<double>(round.content.recordings.size()));
  metrics_.bytes.Set(static_cast<double>(bytes - std::min(bytes, round.removed.bytes)));
  metrics_.removed_files.Increment(static_cast<double>(round.removed.files));
  metrics_.removed_bytes.Increment(static_cast<double>(round.removed.bytes));
  if (round.failures > 0) {
    metrics_.failures.Increment(static_cast<double>(round.failures));
    log::warning("The volume refuses to remove recordings", {{"recordings", round.failures}});
  }
  metrics_.unmet.Set(round.plan.unmet ? 1 : 0);
  if (round.plan.unmet && !told_unmet_)
    log::warning("No finished recording is left to remove, and there is still too much or too little space");
  told_unmet_ = round.plan.unmet;
  if (round.removed.files == 0) return;
  liveroom::LastRetention last;
  last.time = environment_.clock.wall_now();
  last.files = static_cast<std::int64_t>(round.removed.files);
  last.bytes = static_cast<std::int64_t>(round.removed.bytes);
  environment_.board.edit().last_retention = last;
}

awaitable<void> Retention::empty_trash() {
  const WallTime now = environment_.clock.wall_now();
  const std::string trash =
      storage::join_path(storage::join_path(directory_, storage::private_directory), "trash");
  std::function<void()> work([files = &environment_.files, trash, now] {
    storage::RetentionState state;
    state.now = now;
    std::vector<std::string> paths;
    for (const std::string& name : files->list(trash)) {
      const std::string path = storage::join_path(trash, name);
      const std::optional<storage::FileStat> info = files->stat(path);
      if (!info || info->is_directory) continue;
      state.recordings.push_back({info->modified, info->size, true});
      paths.push_back(path);
    }
    storage::RetentionLimits limits;
    limits.max_age = trash_age;
    limits.max_size = trash_size;
    for (const std::size_t place : storage::plan_retention(state, limits).remove) files->remove(paths[place]);
  });
  try {
    co_await environment_.disk.run(std::move(work));
  } catch (const system_error& error) {
    metrics_.failures.Increment();
    log::warning("The trash could not be emptied", {{"error", error.what()}});
  }
}

}  // namespace live::recorder
