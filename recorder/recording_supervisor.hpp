// SPDX-License-Identifier: Apache-2.0
// Starts and ends recordings as the room's state wants it. Every decision is made from the newest full state;
// events only wake.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/alarm.hpp"
#include "recorder/bilibili/repeat_filter.hpp"
#include "recorder/recorder_state.hpp"
#include "recorder/recording.hpp"
#include "recorder/recording_permit.hpp"
#include "recorder/recording_report.hpp"

namespace live::recorder {

class RecordingSupervisor {
 public:
  // After the answer Ready to a drain request no recording starts for this long: the controller's time to
  // act.
  static constexpr Duration drain_hold = std::chrono::seconds(30);
  // How long a volume that failed is left alone before the next try.
  static constexpr Duration storage_retry = std::chrono::seconds(10);

  // How long a window is waited for without a look at the wall clock.
  static constexpr Duration longest_window_wait = std::chrono::minutes(1);

  RecordingSupervisor(RecordingEnvironment environment, RecordingReport& report, StatusBoard& board,
                      liveroom::RecorderConfig config, storage::FileNameTemplate names, LastShow last);

  // Until stopped; then every file is published.
  awaitable<void> run(std::stop_token stop);

  void set_room(const bilibili::RoomView& view);
  void live_pushed();
  // A message of the danmaku socket, for the chat's file. Says whether an earlier one told the same.
  bool message(const bilibili::Message& message, std::string_view json);
  void configure(const liveroom::RecorderConfig& config, storage::FileNameTemplate names);

  bool recording() const { return current_ != nullptr; }
  const LastShow& last() const { return last_; }
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
  ShowFacts facts_of_next();
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
  std::function<void()> ended_;
  TimePoint not_before_ = TimePoint::min();  // a volume that failed, retries used up
  bool exhausted_ = false;                   // not_before_ is for used-up retries: a LIVE ends it
  TimePoint held_until_ = TimePoint::min();  // promised to the controller
  std::string answered_drain_;
  Alarm alarm_;
};

}  // namespace live::recorder
