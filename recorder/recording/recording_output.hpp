// SPDX-License-Identifier: Apache-2.0
// The files of one recording: takes the pipeline's output, writes it through the disk thread, publishes what
// is whole.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "liveroom/recorder_status.hpp"
#include "recorder/flv/file_writer.hpp"
#include "recorder/flv/sink.hpp"
#include "recorder/hls/assembler.hpp"
#include "recorder/reporting/metrics.hpp"
#include "recorder/show/interrupted.hpp"
#include "recorder/show/journal_schedule.hpp"
#include "recorder/show/show_facts.hpp"
#include "recorder/show/side_files.hpp"
#include "recorder/storage/segment_file.hpp"

namespace live::recorder {

// Where recordings go. The references outlive every recording.
struct RecordingStorage {
  storage::DiskThread& disk;
  storage::FileSystem& files;
  std::string root;  // the recording directory, absolute
  std::string
      prefix;  // of the recording directory below the volume's root, for names in the status; may be empty
};

// Told by the output; on the recorder's thread.
class RecordingObserver {
 public:
  virtual ~RecordingObserver() = default;
  virtual void file_opened(const std::string& part_path, WallTime time) = 0;
  virtual void file_finished(const liveroom::FinishedFile& file) = 0;
  virtual void storage_failed(const storage::DiskFailure& failure) = 0;
};

struct OutputProgress {
  std::uint64_t bytes = 0;  // of all files of this recording
  std::int64_t duration_ms = 0;
  std::int64_t lost_ms = 0;
  std::int64_t gaps = 0;
  flv::Codec video = flv::Codec::none;
};

// Takes FLV tags and fMP4 fragments; one file is open at a time, so that the one side ends its file before
// the other begins.
class RecordingOutput final : public flv::Sink, public hls::Sink {
 public:
  // How often the duration in the open file is brought up to date.
  static constexpr Duration patch_interval = std::chrono::seconds(10);
  // A step of (source time - file time) that is more than rounding.
  static constexpr std::int64_t source_step = 500;
  static constexpr std::int64_t fragment_step = 2;  // of fragments, whose times are only moved as a whole
  // How long after the volume held reading back a lost connection is put down to that.
  static constexpr Duration held_back_span = std::chrono::seconds(60);

  RecordingOutput(const Executor& executor, Clock& clock, RecordingStorage storage, RecorderMetrics& metrics,
                  RecordingObserver& observer);
  ~RecordingOutput() override;

  // Before the first tag. What of the recording earlier processes made, or earlier recordings of the show.
  void set_earlier(const OutputProgress& earlier) { finished_ = earlier; }
  // Before the first tag: the file that an unclean end left goes on.
  void go_on(Interrupted&& file);
  // Before the first tag: where the pipeline goes on, and what a gap in front of that (or in front of the
  // first fragment) is to be put down to.
  void resumed_from(const flv::Resumption& from, std::string cause);
  // Reading stood still because the volume did: what is missing afterwards is lost to that.
  void held_back();

  // From the next file on.
  void set_naming(storage::FileNameTemplate names) { names_ = std::move(names); }
  void set_side_files(SideFileSettings settings) { side_settings_ = std::move(settings); }
  ShowFacts& facts() { return facts_; }
  void set_room(const bilibili::RoomInfo& room);
  const ShowFacts& facts() const { return facts_; }

  void open_file(const flv::FileHeaders& headers) override;
  void write(const flv::OutputTag& tag) override;
  void take_back() override;
  void close_file(flv::CloseReason reason) override;
  void report(const flv::Finding& finding) override;

  // A message of the danmaku socket, and whether it tells what another told before.
  void message(const bilibili::Message& message, std::string_view json, bool repeated);
  // A connection is being made; whether media of it comes. Without, the clock of the chat stands still.
  void connection_begins();
  void media_flows(bool flowing);

  void begin_file(const hls::FileStart& start) override;
  void append_media(ByteView bytes, std::int64_t file_ms, std::int64_t source_ms) override;
  void end_file(hls::CloseReason reason) override;
  void report(const hls::Finding& finding) override;

  // Several times a second.
  void tick();
  // What waits is handed to the disk thread now.
  void flush();
  // After the last close_file: until every file has its name. Not cancelled by a stop.
  awaitable<void> published();

  OutputProgress progress() const;
  // Of the newest file; after published() of what is on the volume.
  const RecordingTail& tail() const { return tail_; }
  // Below the recording directory; empty before the first.
  const std::string& newest_file() const { return newest_file_; }
  const std::string& published_file() const { return published_file_; }
  bool failed() const { return failed_; }
  // The volume has not all that was written: tail() says where writing ended, not what is there.
  bool incomplete() const { return failed_ || cut_; }

 private:
  struct OpenFile;
  void open(std::shared_ptr<OpenFile> file);
  void begin_file_tasks();
  void close(std::string_view reason);
  awaitable<void> announce(std::shared_ptr<OpenFile> file);
  awaitable<void> save_cover(std::shared_ptr<OpenFile> file);
  awaitable<void> publish(std::shared_ptr<OpenFile> file);
  void note_source(const flv::OutputTag& tag);
  void note_source(std::int64_t file_ms, std::int64_t source_ms, std::int64_t step);
  std::string cause_of(const flv::Finding& finding);
  std::string cause_of(const hls::Finding& finding);
  bool volume_held_back() const;
  void count_loss(const std::string& cause, std::int64_t lost_ms);
  void note_loss(const std::string& cause, std::int64_t lost_ms, flv::ArrivalTime arrival);
  void update_tail();
  std::int64_t unix_offset() const;
  std::int64_t file_time_of(const flv::Finding& finding) const;
  void note_clock();
  void write_journal();
  void check_failure();
  flv::ArrivalTime arrival_now() const;
  std::string shown_path(const std::string& path) const;

  Clock& clock_;
  RecordingStorage storage_;
  RecorderMetrics& metrics_;
  RecordingObserver& observer_;
  TaskGroup background_;
  std::optional<storage::FileNameTemplate> names_;
  SideFileSettings side_settings_;
  ShowFacts facts_;
  std::shared_ptr<OpenFile> open_;
  OutputProgress finished_;
  std::uint64_t counted_bytes_ = 0;
  std::int64_t counted_ms_ = 0;
  RecordingTail tail_;
  std::string newest_file_;
  std::string published_file_;
  std::string resume_cause_;
  std::optional<std::array<std::int64_t, 2>> resume_sources_;  // of the last tags before
  std::optional<TimePoint> held_back_;
  TimePoint last_patch_{};
  std::uint64_t patched_bytes_ = 0;
  JournalSchedule journal_schedule_;
  bool failed_ = false;
  bool cut_ = false;
};

}  // namespace live::recorder
