// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_report.hpp"

#include "liveroom/names.hpp"
#include "recorder/recording/storage_watch.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

namespace {
std::int64_t seconds_up(std::int64_t milliseconds) { return (milliseconds + 999) / 1000; }

}  // namespace

void RecordingReport::begin(const liveroom::LastRecording& so_far, const liveroom::Totals& counted) {
  current_ = {};
  files_ = so_far;
  counted_ = counted;
  if (files_.start == WallTime()) files_.start = clock_.wall_now();
  flowing_ = false;
}

void RecordingReport::file_opened(const std::string& part_path, WallTime time) {
  current_.file = part_path;
  current_.start_time = time;
  board_.edit().recording = current_;
  if (files_changed_) files_changed_();
  if (!file_begun_) return;
  std::string path = part_path;
  if (path.ends_with(storage::part_suffix)) path.resize(path.size() - storage::part_suffix.size());
  file_begun_(path, time);
}

void RecordingReport::stream_found(const bilibili::FoundStream& found) {
  if (const auto* chosen = std::get_if<bilibili::ChosenStream>(&found.outcome)) {
    current_.quality = chosen->granted_qn;
    current_.codec = bilibili::to_string(chosen->codec);
    metrics_.set_quality(chosen->wanted_qn, chosen->granted_qn);
    current_.format = bilibili::to_string(chosen->format);
  }
  if (found_) found_(found);
}

void RecordingReport::media_flows(bool flowing, const std::string& host) {
  flowing_ = flowing;
  if (flowing) {
    current_.host = host;
    board_.set(ConditionType::recording, ConditionStatus::yes, reason::recording);
    metrics_.set_recording(true);
    if (live_since_) metrics_.start_delay(std::chrono::duration<double>(clock_.now() - *live_since_).count());
    live_since_.reset();
  }
  if (media_) media_(flowing);
}

void RecordingReport::attempt_failed(const std::string& detail) {
  if (!flowing_) not_recording(reason::connecting, detail);
}

void RecordingReport::not_recording(std::string_view why, std::string_view message) {
  board_.set(ConditionType::recording, ConditionStatus::no, why, message);
  metrics_.set_recording(false);
}

void RecordingReport::progress(const Recording& recording) {
  if (current_.file.empty()) return;
  const OutputProgress progress = recording.progress();
  current_.size_bytes = static_cast<std::int64_t>(progress.bytes);
  current_.duration_seconds = progress.duration_ms / 1000;
  current_.lost_seconds = seconds_up(progress.lost_ms);
  current_.gaps = progress.gaps;
  if (board_.status().recording != current_) board_.edit().recording = current_;
}

void RecordingReport::file_finished(const liveroom::FinishedFile& file) {
  files_.files.push_back(file);
  if (files_.files.size() > liveroom::max_last_files) files_.files.erase(files_.files.begin());
  ++files_.file_count;
  files_.bytes += file.bytes;
  files_.seconds += file.seconds;
  files_.lost_seconds += file.lost_seconds;
  if (files_changed_) files_changed_();
  if (file_finished_) file_finished_(file);
}

void RecordingReport::storage_failed(const storage::DiskFailure& failure) {
  storage_problem(disk_reason(failure.code), failure.operation + ": " + failure.code.message());
  if (storage_failed_) storage_failed_(failure);
}

void RecordingReport::storage_problem(std::string_view why, const std::string& message) {
  board_.set(ConditionType::storage_writable, ConditionStatus::no, why, message);
  metrics_.set_storage_writable(false);
}

void RecordingReport::storage_fine() {
  board_.set(ConditionType::storage_writable, ConditionStatus::yes, reason::writable);
  metrics_.set_storage_writable(true);
}

void RecordingReport::end(RecordingEnd end, const Recording& recording) {
  metrics_.set_recording(false);
  if (media_) media_(false);
  board_.edit().recording.reset();
  if (files_.file_count == 0) return;
  const OutputProgress progress = recording.progress();
  files_.seconds = progress.duration_ms / 1000;
  files_.lost_seconds = seconds_up(progress.lost_ms);
  conclude(to_string(end));
}

void RecordingReport::recovered(const liveroom::FinishedFile& file, const liveroom::LastRecording& so_far,
                                const liveroom::Totals& counted) {
  begin(so_far, counted);
  file_finished(file);
  conclude("Interrupted");
}

// Only what is new is added to the totals: a recording may be concluded more than once.
void RecordingReport::conclude(std::string_view end_reason) {
  files_.end = clock_.wall_now();
  files_.end_reason = end_reason;
  liveroom::RecorderStatus& status = board_.edit();
  status.totals.recordings += 1 - counted_.recordings;
  status.totals.bytes += files_.bytes - counted_.bytes;
  status.totals.seconds += files_.seconds - counted_.seconds;
  status.totals.lost_seconds += files_.lost_seconds - counted_.lost_seconds;
  counted_ = {1, files_.bytes, files_.seconds, files_.lost_seconds};
  status.last_recording = files_;
}

}  // namespace live::recorder
