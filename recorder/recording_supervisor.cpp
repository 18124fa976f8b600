// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording_supervisor.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "liveroom/names.hpp"

namespace live::recorder {

namespace reason = liveroom::reason;
using bilibili::RoomState;
using bilibili::StateReason;

namespace {

std::string_view idle_reason(const bilibili::RoomView& view) {
  switch (view.reason) {
    case StateReason::starting:
    case StateReason::api_failing:
      return reason::pending;
    case StateReason::not_found:
      return reason::not_found;
    case StateReason::locked:
      return reason::room_locked;
    case StateReason::hidden:
      return reason::room_hidden;
    case StateReason::encrypted:
      return reason::room_encrypted;
    case StateReason::paid:
    case StateReason::drm:
    case StateReason::region_blocked:
      return bilibili::to_string(view.reason);
    default:
      return reason::not_live;
  }
}

}  // namespace

RecordingSupervisor::RecordingSupervisor(RecordingEnvironment environment, RecordingReport& report,
                                         StatusBoard& board, liveroom::RecorderConfig config,
                                         storage::FileNameTemplate names, LastShow last)
    : environment_(std::move(environment)),
      report_(report),
      board_(board),
      config_(std::move(config)),
      names_(std::move(names)),
      last_(std::move(last)),
      alarm_(environment_.clock) {}

awaitable<void> RecordingSupervisor::run(std::stop_token stop) {
  take_drain_request();
  while (!stop.stop_requested()) {
    if (wants_recording(environment_.clock.now())) {
      co_await record_show(stop);
    } else {
      explain_idle();
      co_await alarm_.wait_until(next_chance(environment_.clock.now()), stop);
    }
  }
}

bool RecordingSupervisor::wants_recording(TimePoint now) const {
  return view_.state == RoomState::live && now >= not_before_ && now >= held_until_ &&
         permit().permit == Permit::granted;
}

const PermitDecision& RecordingSupervisor::permit() const {
  const WallTime now = environment_.clock.wall_now();
  // A clock that was put back may stand in another window.
  if (!permit_known_ || now >= permit_.until || now < permit_made_) {
    permit_ = recording_permit(config_.recording, view_.room, now);
    permit_made_ = now;
    permit_known_ = true;
  }
  return permit_;
}

void RecordingSupervisor::end_without_permit() {
  if (current_ == nullptr || permit().permit == Permit::granted) return;
  current_->end_now(permit().permit == Permit::filtered ? RecordingEnd::filtered
                                                        : RecordingEnd::outside_window);
}

std::string RecordingSupervisor::session_in_progress() const {
  if (current_ != nullptr) return current_->facts().session;
  const bool may_go_on = view_.state == RoomState::unknown ||
                         (view_.state == RoomState::live &&
                          bilibili::same_show(last_.show, view_.show.value_or(bilibili::Show())));
  return may_go_on ? last_.session : std::string();
}

TimePoint RecordingSupervisor::next_chance(TimePoint now) const {
  if (view_.state != RoomState::live) return TimePoint::max();
  TimePoint next = TimePoint::max();
  const TimePoint allowed = std::max(not_before_, held_until_);
  if (allowed > now) next = allowed;
  if (permit().until != WallTime::max()) {
    // Not slept through at a stretch: the wall clock may be set meanwhile.
    const Duration left = permit().until - environment_.clock.wall_now();
    next = std::min(next, now + std::clamp<Duration>(left, Duration::zero(), longest_window_wait));
  }
  return next;
}

void RecordingSupervisor::explain_idle() {
  if (idle_ && view_.state != RoomState::unknown) idle_();
  const TimePoint now = environment_.clock.now();
  if (view_.state != RoomState::live) {
    report_.not_recording(idle_reason(view_), view_.detail);
  } else if (permit().permit != Permit::granted) {
    report_.not_recording(permit().permit == Permit::filtered ? reason::filtered : reason::outside_window,
                          permit().message);
  } else if (now < not_before_ && !exhausted_) {
    report_.not_recording(reason::storage_not_writable, {});
  } else if (now < not_before_) {
    report_.not_recording(reason::retries_exhausted,
                          "no media after maxRetryTimes connections; the next poll tries again");
  } else if (now < held_until_) {
    report_.not_recording(reason::draining, "the pod is about to be replaced");
  }
}

ShowFacts RecordingSupervisor::facts_of_next() {
  ShowFacts facts;
  facts.room = view_.room;
  facts.show = view_.show.value_or(bilibili::Show());
  if (!last_.session.empty() && bilibili::same_show(last_.show, facts.show)) {
    facts.session = last_.session;
    facts.part = last_.next_part;
  } else {
    facts.session = environment_.random.uuid();
  }
  return facts;
}

awaitable<void> RecordingSupervisor::record_show(std::stop_token stop) {
  Recording recording(environment_, config_, names_, facts_of_next(), report_);
  current_ = &recording;
  current_show_ = view_.show_number;
  report_.begin();
  log::info("Recording starts", {{"session", recording.facts().session},
                                 {"part", recording.facts().part},
                                 {"show", recording.facts().show.key},
                                 {"title", recording.facts().room.title}});
  TaskGroup progress(environment_.executor);
  progress.spawn(report_progress(progress.token()));
  const RecordingEnd end = co_await recording.run(stop);
  progress.request_stop();
  co_await progress.join();
  current_ = nullptr;
  last_ = LastShow{recording.facts().session, recording.facts().part, recording.facts().show};
  report_.end(end, recording);
  log::info("Recording has ended", {{"session", last_.session}, {"end", to_string(end)}});
  exhausted_ = end == RecordingEnd::retries_exhausted;
  if (exhausted_) {
    not_before_ = environment_.clock.now() + std::chrono::seconds(config_.transport.poll_interval_seconds);
  } else if (end == RecordingEnd::storage_failed) {
    not_before_ = environment_.clock.now() + storage_retry;
  }
  take_drain_request();
  if (ended_) ended_();
  if (stop.stop_requested()) report_.not_recording(reason::stopping, {});
}

awaitable<void> RecordingSupervisor::report_progress(std::stop_token stop) {
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(std::chrono::seconds(1), stop);
    if (!passed) co_return;
    report_.progress(*current_);
    end_without_permit();
  }
}

void RecordingSupervisor::set_room(const bilibili::RoomView& view) {
  if (view.state == RoomState::live && view_.state != RoomState::live) report_.room_went_live();
  view_ = view;
  permit_known_ = false;
  if (current_ != nullptr) current_->set_room(view_.room);
  end_if_over();
  end_without_permit();
  alarm_.ring();
}

void RecordingSupervisor::end_if_over() {
  if (current_ == nullptr) return;
  // Not knowing is no end: only an answer ends a show.
  const bool other_show = view_.state == RoomState::live && view_.show_number != current_show_;
  const bool ended = view_.state == RoomState::offline || view_.state == RoomState::blocked;
  if (other_show || ended) current_->end_show();
}

void RecordingSupervisor::live_pushed() {
  if (exhausted_) not_before_ = TimePoint::min();
  if (current_ != nullptr) current_->wake();
  alarm_.ring();
}

bool RecordingSupervisor::message(const bilibili::Message& message, std::string_view json) {
  const bool repeated = repeats_.is_repeat(message.content, environment_.clock.now());
  if (current_ != nullptr) current_->message(message, json, repeated);
  return repeated;
}

void RecordingSupervisor::configure(const liveroom::RecorderConfig& config, storage::FileNameTemplate names) {
  config_ = config;
  permit_known_ = false;
  names_ = std::move(names);
  if (current_ != nullptr) {
    current_->configure(config_);
    current_->set_naming(names_);
  }
  end_without_permit();
  take_drain_request();
  alarm_.ring();
}

// Ready is a promise, so it is given only between recordings; a request that came during one is answered Busy
// at once and Ready as soon as the recording has ended.
void RecordingSupervisor::take_drain_request() {
  auto& answer = board_.status().recorder.drain;
  if (config_.drain.empty()) {
    if (answer) board_.edit().recorder.drain.reset();
    answered_drain_.clear();
    held_until_ = TimePoint::min();
    return;
  }
  const auto given = recording() ? liveroom::DrainAnswer::busy : liveroom::DrainAnswer::ready;
  if (given == liveroom::DrainAnswer::ready && answered_drain_ != config_.drain) {
    answered_drain_ = config_.drain;
    held_until_ = environment_.clock.now() + drain_hold;
  }
  const liveroom::DrainStatus wanted{config_.drain, given};
  if (answer != wanted) board_.edit().recorder.drain = wanted;
}

}  // namespace live::recorder
