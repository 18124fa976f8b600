// SPDX-License-Identifier: Apache-2.0
// What recordings do, as status and metrics.
#pragma once
#include <functional>

#include "recorder/recording.hpp"
#include "recorder/status_board.hpp"

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
  void begin();
  // Once a second while a recording runs.
  void progress(const Recording& recording);
  void end(RecordingEnd end, const Recording& recording);
  void not_recording(std::string_view reason, std::string_view message);

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
  liveroom::LastRecording files_;
  bool flowing_ = false;
};

}  // namespace live::recorder
