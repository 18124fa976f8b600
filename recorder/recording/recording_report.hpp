// SPDX-License-Identifier: Apache-2.0
// What recordings do, as status and metrics.
#pragma once
#include <functional>

#include "recorder/recording/recording.hpp"
#include "recorder/reporting/status_board.hpp"

namespace live::recorder {

class RecordingReport final : public RecordingListener {
 public:
  RecordingReport(Clock& clock, StatusBoard& board, RecorderMetrics& metrics)
      : clock_(clock), board_(board), metrics_(metrics) {}

  // Whom to tell about play-infos and flowing media: the room watcher learns from both.
  void on_stream_found(std::function<void(const bilibili::FoundStream&)> callback) {
    found_ = std::move(callback);
  }
  void on_media(std::function<void(bool)> callback) { media_ = std::move(callback); }

  // Whom to tell about files, by their final names below the volume's root.
  void on_file_begun(std::function<void(const std::string& path, WallTime opened)> callback) {
    file_begun_ = std::move(callback);
  }
  void on_file_finished(std::function<void(const liveroom::FinishedFile&)> callback) {
    file_finished_ = std::move(callback);
  }

  void room_went_live() { live_since_ = clock_.now(); }
  // `so_far`: what earlier processes, or recordings of the same show, made of it, and what of that is in the
  // totals already.
  void begin(const liveroom::LastRecording& so_far = {}, const liveroom::Totals& counted = {});
  // Once a second while a recording runs.
  void progress(const Recording& recording);
  void end(RecordingEnd end, const Recording& recording);
  void not_recording(std::string_view reason, std::string_view message);
  void storage_problem(std::string_view reason, const std::string& message);
  void storage_fine();
  // A file of an earlier process was published, outside of a recording.
  void recovered(const liveroom::FinishedFile& file, const liveroom::LastRecording& so_far,
                 const liveroom::Totals& counted);

  // The files of the newest recording, and what of them is in the totals.
  const liveroom::LastRecording& files() const { return files_; }
  const liveroom::Totals& counted() const { return counted_; }
  // Called when a recording can't be written.
  void on_storage_failed(std::function<void(const storage::DiskFailure&)> callback) {
    storage_failed_ = std::move(callback);
  }
  // Called when a file was opened or published.
  void on_files_changed(std::function<void()> callback) { files_changed_ = std::move(callback); }

  void file_opened(const std::string& part_path, WallTime time) override;
  void file_finished(const liveroom::FinishedFile& file) override;
  void storage_failed(const storage::DiskFailure& failure) override;
  void stream_found(const bilibili::FoundStream& found) override;
  void media_flows(bool flowing, const std::string& host) override;
  void attempt_failed(const std::string& detail) override;

 private:
  Clock& clock_;
  StatusBoard& board_;
  RecorderMetrics& metrics_;
  std::function<void(const bilibili::FoundStream&)> found_;
  std::function<void(bool)> media_;
  std::function<void(const std::string&, WallTime)> file_begun_;
  std::function<void(const liveroom::FinishedFile&)> file_finished_;
  std::optional<TimePoint> live_since_;
  liveroom::RecordingStatus current_;
  void conclude(std::string_view end_reason);

  liveroom::LastRecording files_;
  liveroom::Totals counted_;
  std::function<void()> files_changed_;
  std::function<void(const storage::DiskFailure&)> storage_failed_;
  bool flowing_ = false;
};

}  // namespace live::recorder
