// SPDX-License-Identifier: Apache-2.0
// One address, recorded until the stream ends: the engine of a recording without a room around it.
#pragma once
#include <optional>
#include <string>

#include "recorder/connection/hls_connection.hpp"
#include "recorder/recording/recording_output.hpp"

namespace live::recorder {

struct CaptureOutcome {
  ConnectionOutcome connection;
  std::optional<storage::DiskFailure> failure;
  std::int64_t files = 0;
  OutputProgress written;
};

// What a capture works with; the references outlive it.
struct CaptureEnvironment {
  Executor executor;
  Clock& clock;
  net::TlsContext media_tls;
  RecordingStorage storage;
  RecorderMetrics& metrics;
};

class Capture final : private RecordingObserver {
 public:
  Capture(CaptureEnvironment environment, ShowFacts facts, storage::FileNameTemplate names);

  // Until the stream ends or breaks, the volume fails, or it is stopped. All files are published then. Does
  // not throw for what the server or the volume does.
  awaitable<CaptureOutcome> run(net::MediaRequest request, std::stop_token stop);

  OutputProgress progress() const { return output_.progress(); }

 private:
  void file_opened(const std::string& part_path, WallTime time) override;
  void file_finished(const liveroom::FinishedFile& file) override;
  void storage_failed(const storage::DiskFailure& failure) override;
  awaitable<void> tick(std::stop_token stop);
  awaitable<ConnectionOutcome> connect(net::MediaRequest request);

  CaptureEnvironment environment_;
  RecordingOutput output_;
  flv::Pipeline pipeline_;
  HlsStream hls_;
  CaptureOutcome outcome_;
  std::stop_source connection_stop_;
  Connection* connection_ = nullptr;  // while one that is FLV is open
};

// Addresses of playlists are known by their path.
bool is_playlist(const net::Url& url);

// What stands for the title of a stream that is known by its address alone: the last part of the path,
// without the extension.
std::string title_of(const net::Url& url);

}  // namespace live::recorder
