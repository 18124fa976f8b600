// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording_report.hpp"

#include "liveroom/names.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
namespace reason = liveroom::reason;

namespace {
std::int64_t seconds_up(std::int64_t milliseconds) { return (milliseconds + 999) / 1000; }

std::string_view disk_reason(const error_code& code) {
  const bool full = code == boost::system::errc::no_space_on_device || code.value() == EDQUOT;
  return full ? reason::disk_full : reason::write_failed;
}
}  // namespace

void RecordingReport::begin() {
  current_ = {};
  files_ = {};
  files_.start = clock_.wall_now();
  flowing_ = false;
}

void RecordingReport::file_opened(const std::string& part_path, WallTime time) {
  current_.file = part_path;
  current_.start_time = time;
  board_.edit().recording = current_;
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
  if (file_finished_) file_finished_(file);
}

void RecordingReport::storage_failed(const storage::DiskFailure& failure) {
  board_.set(ConditionType::storage_writable, ConditionStatus::no, disk_reason(failure.code),
             failure.operation + ": " + failure.code.message());
  metrics_.set_storage_writable(false);
}

void RecordingReport::end(RecordingEnd end, const Recording& recording) {
  metrics_.set_recording(false);
  if (media_) media_(false);
  liveroom::RecorderStatus& status = board_.edit();
  status.recording.reset();
  if (files_.file_count == 0) return;
  const OutputProgress progress = recording.progress();
  files_.end = clock_.wall_now();
  files_.seconds = progress.duration_ms / 1000;
  files_.lost_seconds = seconds_up(progress.lost_ms);
  files_.end_reason = to_string(end);
  status.totals.recordings += 1;
  status.totals.bytes += files_.bytes;
  status.totals.seconds += files_.seconds;
  status.totals.lost_seconds += files_.lost_seconds;
  status.last_recording = files_;
}

}  // namespace live::recorder
