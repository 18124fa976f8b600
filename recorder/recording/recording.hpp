// SPDX-License-Identifier: Apache-2.0
// One recording: what we keep of one show, across any number of connections.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/alarm.hpp"
#include "base/task_group.hpp"
#include "recorder/bilibili/stream_finder.hpp"
#include "recorder/connection/hls_connection.hpp"
#include "recorder/recording/recording_output.hpp"
#include "recorder/recording/recording_settings.hpp"

namespace live::recorder {

// What all recordings of a process share; the references outlive them.
struct RecordingEnvironment {
  Executor executor;
  Clock& clock;
  bilibili::ApiClient& api;
  net::TlsContext media_tls;
  RecordingStorage storage;
  RecorderMetrics& metrics;
  Random& random;
  HostScores& hosts;
};

enum class RecordingEnd { show_over, stopped, retries_exhausted, storage_failed, filtered, outside_window };
std::string_view to_string(RecordingEnd end);  // "ShowOver", as endReason

// Told what the recording learns, on the recorder's thread.
class RecordingListener : public RecordingObserver {
 public:
  virtual void stream_found(const bilibili::FoundStream& found) = 0;
  virtual void media_flows(bool flowing, const std::string& host) = 0;
  virtual void attempt_failed(const std::string& detail) = 0;
};

// What a recording begins with.
struct RecordingStart {
  ShowFacts facts;
  RecordingTail tail;             // of the file before, or of the one that goes on; empty: a first recording
  std::string cause = "restart";  // what a gap behind that tail is put down to
  OutputProgress earlier;         // of the same recording
  std::optional<Interrupted> file;  // that goes on
};

class Recording final : private RecordingObserver {
 public:
  // After the show's end the connection may still bring its last seconds.
  static constexpr Duration drain_time = std::chrono::seconds(6);
  // How often the socket and the buffers are looked at, in this order. What comes is read at the next look,
  // and the buffer that it then lies in goes to the system when it is storage::SegmentLimits::buffer_age old,
  // counted from the look before its first byte: at the second look after a byte came, half a second at most
  // (where a file begins, at the third). To that adds how far sound and picture are apart in the stream,
  // since the earlier of them waits for the other.
  static constexpr Duration tick_interval = std::chrono::milliseconds(250);

  Recording(RecordingEnvironment environment, const liveroom::RecorderConfig& config,
            storage::FileNameTemplate names, RecordingStart start, RecordingListener& listener);

  // Until the show is over (see end_show), stopped, without hope, or the volume fails. All files are
  // published then.
  awaitable<RecordingEnd> run(std::stop_token stop);

  void end_show();
  // Ends it at once; what was received is kept.
  void end_now(RecordingEnd why);
  // A LIVE: try at once.
  void wake();
  void configure(const liveroom::RecorderConfig& config);
  // The volume has no room, or fails: what is written is published, and the recording ends.
  void end_for_storage();
  void set_naming(storage::FileNameTemplate names) { output_.set_naming(std::move(names)); }
  // From the next file on; another title may begin one.
  void set_room(const bilibili::RoomInfo& room);
  void message(const bilibili::Message& message, std::string_view json, bool repeated) {
    output_.message(message, json, repeated);
  }

  OutputProgress progress() const { return output_.progress(); }
  const std::optional<bilibili::ChosenStream>& stream() const { return stream_; }
  const ShowFacts& facts() const { return output_.facts(); }
  const RecordingOutput& output() const { return output_; }
  // After run(): where it ended. Of the one before when nothing was recorded.
  const RecordingTail& tail() const { return tail_; }

 private:
  void file_opened(const std::string& part_path, WallTime time) override;
  void file_finished(const liveroom::FinishedFile& file) override;
  void storage_failed(const storage::DiskFailure& failure) override;

  awaitable<RecordingEnd> record(std::stop_token stop);
  awaitable<void> fetch_play_info(std::stop_token stop);
  awaitable<void> connect(StreamCandidate candidate, std::stop_token stop);
  awaitable<ConnectionOutcome> receive(net::MediaRequest request, std::stop_token stop);
  void go_on_from(RecordingStart& start);
  awaitable<void> take_tail();
  awaitable<void> tick(std::stop_token stop);
  awaitable<void> end_drain(std::stop_token stop);
  void report_buffers();
  std::optional<RecordingEnd> ended_by(const std::stop_token& stop) const;

  RecordingEnvironment environment_;
  bilibili::StreamPreferences wanted_;
  TransportSettings transport_;
  RecordingListener& listener_;
  RecordingOutput output_;
  flv::Pipeline pipeline_;
  HlsStream hls_;
  ConnectionPolicy policy_;
  Alarm alarm_;
  std::optional<bilibili::ChosenStream> stream_;
  std::int64_t room_id_;
  bool split_on_title_change_ = false;
  RecordingTail tail_;
  bool over_ = false;
  bool storage_failed_ = false;
  std::optional<RecordingEnd> end_wanted_;
  std::stop_source* connection_stop_ = nullptr;  // while a connection is open
  Connection* connection_ = nullptr;             // the same, where it is FLV
  TimePoint begun_;
  std::optional<TimePoint> media_since_;  // of the connection that is open, or was last
  TaskGroup background_;
};

}  // namespace live::recorder
