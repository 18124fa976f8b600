// SPDX-License-Identifier: Apache-2.0
// Starts and ends recordings as the room's state wants it. Every decision is made from the newest full state;
// events only wake.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/alarm.hpp"
#include "recorder/bilibili/repeat_filter.hpp"
#include "recorder/recording/recorder_state.hpp"
#include "recorder/recording/recording.hpp"
#include "recorder/recording/recording_permit.hpp"
#include "recorder/recording/recording_report.hpp"
#include "recorder/recording/storage_watch.hpp"

namespace live::recorder {

class RecordingSupervisor {
 public:
  // After the answer Ready to a drain request no recording starts for this long: the controller's time to
  // act.
  static constexpr Duration drain_hold = std::chrono::seconds(30);
  // How often a volume that failed is looked at; a trial is made each DiskGate::probe_interval.
  static constexpr Duration storage_step = std::chrono::seconds(1);
  // And while nothing is recorded: a full volume is told before the next show needs it.
  static constexpr Duration idle_storage_step = std::chrono::minutes(1);

  // How long a window is waited for without a look at the wall clock.
  static constexpr Duration longest_window_wait = std::chrono::minutes(1);

  RecordingSupervisor(RecordingEnvironment environment, RecordingReport& report, StatusBoard& board,
                      liveroom::RecorderConfig config, storage::FileNameTemplate names, LastShow last);

  // Before run(): the newest file of an unclean end. It goes on if its show is still live soon enough, else
  // it is published.
  void set_interrupted(Interrupted file) { interrupted_ = std::move(file); }

  // Until stopped; then every file is published.
  awaitable<void> run(std::stop_token stop);

  void set_room(const bilibili::RoomView& view);
  void live_pushed();
  // A message of the danmaku socket, for the chat's file. Says whether an earlier one told the same.
  bool message(const bilibili::Message& message, std::string_view json);
  void configure(const liveroom::RecorderConfig& config, storage::FileNameTemplate names);

  bool recording() const { return current_ != nullptr; }
  const LastShow& last() const { return last_; }
  // Called when last() has changed: a file was opened or published, a recording has ended.
  void on_last_changed(std::function<void()> callback) { last_changed_ = std::move(callback); }
  // Of the recording that runs, or of the last one.
  const std::string& session() const {
    return current_ != nullptr ? current_->facts().session : last_.session;
  }
  // The session whose show is live, or may be for all that is known; empty: none.
  std::string session_in_progress() const;
  // Called when nothing is being recorded, and nothing that an earlier process left is to go on.
  void on_idle(std::function<void()> callback) { idle_ = std::move(callback); }
  // Called when a recording has ended and its files are published.
  void on_recording_ended(std::function<void()> callback) { ended_ = std::move(callback); }

 private:
  bool wants_recording(TimePoint now) const;
  TimePoint next_chance(TimePoint now) const;
  void explain_idle();
  const PermitDecision& permit() const;
  void end_without_permit();
  awaitable<void> record_show(std::stop_token stop);
  awaitable<void> report_progress(std::stop_token stop);
  RecordingStart next_start();
  void note_files();
  void note_end(RecordingEnd end, const Recording& recording);
  bool may_go_on(WallTime now) const;
  awaitable<void> publish_interrupted();
  void tell_of_recovered(const storage::RecoveredFile& video, const Journal& journal);
  awaitable<void> wait_for_chance(std::stop_token stop);
  awaitable<void> wait_for_storage(std::stop_token stop);
  awaitable<void> recover_leftovers();
  void watch_storage();
  void take_drain_request();
  void end_if_over();

  RecordingEnvironment environment_;
  RecordingReport& report_;
  StatusBoard& board_;
  liveroom::RecorderConfig config_;
  storage::FileNameTemplate names_;
  bilibili::RoomView view_;
  bilibili::RepeatFilter repeats_;
  Recording* current_ = nullptr;
  std::uint64_t current_show_ = 0;  // show number of the recording that runs
  LastShow last_;
  mutable PermitDecision permit_;
  mutable bool permit_known_ = false;  // until room, configuration or hour change
  mutable WallTime permit_made_{};
  std::function<void()> idle_;
  std::string next_cause_ = "restart";  // of a gap in front of the next recording of the show
  std::optional<Interrupted> interrupted_;
  StorageWatch storage_;
  bool storage_reported_ = false;  // a problem stands in the status
  std::function<void()> last_changed_;
  std::function<void()> ended_;
  TimePoint not_before_ = TimePoint::min();  // retries used up: a LIVE ends it
  TimePoint held_until_ = TimePoint::min();  // promised to the controller
  std::string answered_drain_;
  Alarm alarm_;
};

}  // namespace live::recorder
