// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recording_supervisor.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "liveroom/names.hpp"
#include "recorder/show/leftovers.hpp"

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
      storage_(environment_.storage, environment_.clock),
      alarm_(environment_.clock) {
  report_.on_files_changed([this] { note_files(); });
  report_.on_storage_failed([this](const storage::DiskFailure& failure) {
    storage_.failed(failure);
    storage_reported_ = true;
  });
}

awaitable<void> RecordingSupervisor::run(std::stop_token stop) {
  take_drain_request();
  while (!stop.stop_requested()) {
    if (interrupted_ && !may_go_on(environment_.clock.wall_now())) {
      co_await publish_interrupted();
    } else if (storage_.problem() && !storage_.problem()->stalled) {
      explain_idle();
      co_await wait_for_storage(stop);
    } else if (wants_recording(environment_.clock.now())) {
      co_await record_show(stop);
    } else {
      explain_idle();
      co_await wait_for_chance(stop);
    }
  }
  if (interrupted_) {
    co_await publish_interrupted();
  }
}

// Not knowing is no end: then the file waits for as long as it may go on.
bool RecordingSupervisor::may_go_on(WallTime now) const {
  if (now >= interrupted_->deadline()) return false;
  if (view_.state == RoomState::unknown) return true;
  return view_.state == RoomState::live &&
         !bilibili::different_show(interrupted_->journal.facts().show, view_.show.value_or(bilibili::Show()));
}

awaitable<void> RecordingSupervisor::publish_interrupted() {
  const auto file = std::make_shared<Interrupted>(*std::move(interrupted_));
  interrupted_.reset();
  std::function<RecoveredSegment()> mend(
      [file, files = &environment_.storage.files, root = environment_.storage.root] {
        return recover_segment(*files, root, file->leftover);
      });
  const RecoveredSegment outcome = co_await environment_.storage.disk.run(std::move(mend));
  if (!outcome.video.error.empty() || outcome.video.path.empty()) {
    log::error("A leftover could not be published; it stays for the next start",
               {{"file", outcome.video.part_path}, {"problem", outcome.video.error}});
    co_return;
  }
  log::info("A leftover of an ended show is published",
            {{"file", outcome.video.path}, {"milliseconds", outcome.video.duration_ms}});
  last_.tail.go_on_with(file->tail);
  tell_of_recovered(outcome.video, file->journal);
  if (ended_) ended_();
}

// A file of the recording before, or of one before that, has got its name outside of a recording.
void RecordingSupervisor::tell_of_recovered(const storage::RecoveredFile& video, const Journal& journal) {
  const ShowFacts& facts = journal.facts();
  if (last_.session != facts.session) {
    RecordingTail tail = std::move(last_.tail);
    last_ = LastShow();
    last_.tail = std::move(tail);
  }
  last_.session = facts.session;
  last_.next_part = facts.part + 1;
  last_.show = facts.show;
  last_.ended = true;
  environment_.metrics.file_finished();
  report_.recovered(finished_file(video, journal, environment_.storage.prefix), last_.files, last_.counted);
  last_.files = report_.files();
  last_.counted = report_.counted();
}

awaitable<void> RecordingSupervisor::wait_for_chance(std::stop_token stop) {
  watch_storage();
  const TimePoint now = environment_.clock.now();
  const bool soon = storage_.is_looking() || storage_.problem();
  const TimePoint next_look = now + (soon ? storage_step : idle_storage_step);
  co_await alarm_.wait_until(std::min(next_chance(now), next_look), stop);
}

// Shows the problem until a trial write has come through; then what lies about is recovered.
awaitable<void> RecordingSupervisor::wait_for_storage(std::stop_token stop) {
  watch_storage();
  if (!storage_.problem()) {
    co_await recover_leftovers();
    co_return;
  }
  const TimePoint next = environment_.clock.now() + storage_step;
  co_await environment_.clock.sleep_until(next, stop);
}

void RecordingSupervisor::watch_storage() {
  std::uint64_t bytes_per_second = 0;
  if (current_ != nullptr) {
    const OutputProgress progress = current_->progress();
    if (progress.duration_ms > 0)
      bytes_per_second = progress.bytes * 1000 / static_cast<std::uint64_t>(progress.duration_ms);
  }
  storage_.tick(bytes_per_second);
  if (const auto free_bytes = storage_.free_bytes()) environment_.metrics.set_storage_free(*free_bytes);
  const std::optional<StorageProblem>& problem = storage_.problem();
  if (problem) {
    if (!storage_reported_) log::warning("The volume can't be written", {{"problem", problem->message}});
    report_.storage_problem(problem->reason, problem->message);
    if (current_ != nullptr && !problem->stalled) current_->end_for_storage();
  } else if (storage_reported_) {
    log::info("The volume can be written again");
    report_.storage_fine();
  }
  storage_reported_ = problem.has_value();
}

// What a failing volume did not let be published.
awaitable<void> RecordingSupervisor::recover_leftovers() {
  std::function<std::vector<storage::RecoveredFile>()> mend(
      [files = &environment_.storage.files, root = environment_.storage.root,
       waiting = interrupted_ ? interrupted_->leftover.part_path : std::string()] {
        std::vector<storage::RecoveredFile> mended;
        for (const std::string& part : storage::find_leftovers(*files, root)) {
          if (part != waiting) mended.push_back(recover_segment(*files, root, part).video);
        }
        return mended;
      });
  const std::vector<storage::RecoveredFile> mended = co_await environment_.storage.disk.run(std::move(mend));
  std::string newest;
  for (const storage::RecoveredFile& file : mended) {
    log::info("A leftover is recovered",
              {{"file", file.part_path}, {"published", file.path}, {"problem", file.error}});
    if (file.path.empty()) continue;
    newest = file.path;
    if (const std::optional<Journal> journal = Journal::parse(file.journal))
      tell_of_recovered(file, *journal);
  }
  if (newest.empty()) co_return;
  std::function<RecordingTail()> read(
      [newest, files = &environment_.storage.files, root = environment_.storage.root] {
        return tail_of_file(*files, root, newest);
      });
  RecordingTail tail = co_await environment_.storage.disk.run(std::move(read));
  if (!tail.tags.empty()) last_.tail.tags = std::move(tail.tags);
  if (!tail.fragments.empty()) last_.tail.fragments = std::move(tail.fragments);
  if (last_changed_) last_changed_();
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
  if (interrupted_) return interrupted_->journal.facts().session;
  const bool may_go_on = view_.state == RoomState::unknown ||
                         (view_.state == RoomState::live &&
                          bilibili::same_show(last_.show, view_.show.value_or(bilibili::Show())));
  return may_go_on ? last_.session : std::string();
}

TimePoint RecordingSupervisor::next_chance(TimePoint now) const {
  TimePoint next = TimePoint::max();
  if (interrupted_) {
    const Duration left = interrupted_->deadline() - environment_.clock.wall_now();
    next = now + std::max(left, Duration::zero());
  }
  if (view_.state != RoomState::live) return next;
  const TimePoint allowed = std::max(not_before_, held_until_);
  if (allowed > now) next = std::min(next, allowed);
  if (permit().until != WallTime::max()) {
    // Not slept through at a stretch: the wall clock may be set meanwhile.
    const Duration left = permit().until - environment_.clock.wall_now();
    next = std::min(next, now + std::clamp<Duration>(left, Duration::zero(), longest_window_wait));
  }
  return next;
}

void RecordingSupervisor::explain_idle() {
  if (idle_ && view_.state != RoomState::unknown && !interrupted_) idle_();
  const TimePoint now = environment_.clock.now();
  if (view_.state != RoomState::live) {
    report_.not_recording(idle_reason(view_), view_.detail);
  } else if (permit().permit != Permit::granted) {
    report_.not_recording(permit().permit == Permit::filtered ? reason::filtered : reason::outside_window,
                          permit().message);
  } else if (storage_.problem()) {
    report_.not_recording(reason::storage_not_writable, storage_.problem()->message);
  } else if (now < not_before_) {
    report_.not_recording(reason::retries_exhausted,
                          "no media after maxRetryTimes connections; the next poll tries again");
  } else if (now < held_until_) {
    report_.not_recording(reason::draining, "the pod is about to be replaced");
  }
}

RecordingStart RecordingSupervisor::next_start() {
  RecordingStart start;
  ShowFacts& facts = start.facts;
  facts.room = view_.room;
  facts.show = view_.show.value_or(bilibili::Show());
  const bool same = !last_.session.empty() && bilibili::same_show(last_.show, facts.show);
  if (same) {
    facts.session = last_.session;
    facts.part = last_.next_part;
    start.tail = last_.tail;
    start.cause = next_cause_;
  } else {
    facts.session = environment_.random.uuid();
    last_ = LastShow();
  }
  if (interrupted_) {
    const ShowFacts& before = interrupted_->journal.facts();
    if (before.session != facts.session) last_ = LastShow();
    facts.session = before.session;
    facts.part = before.part;
    start.tail = interrupted_->tail;
    start.cause = "restart";
    start.file = *std::move(interrupted_);
    interrupted_.reset();
  }
  last_.session = facts.session;
  last_.show = bilibili::merged_show(facts.show, last_.show);
  start.earlier.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, last_.files.bytes));
  start.earlier.duration_ms = last_.files.seconds * 1000;
  start.earlier.lost_ms = last_.files.lost_seconds * 1000;
  return start;
}

// A file was opened or published: a later process finds out by this.
void RecordingSupervisor::note_files() {
  if (current_ == nullptr) return;
  const RecordingOutput& output = current_->output();
  last_.file = output.newest_file();
  last_.file_before = output.published_file();
  last_.next_part = current_->facts().part + 1;
  last_.ended = false;
  last_.files = report_.files();
  last_.counted = report_.counted();
  if (last_changed_) last_changed_();
}

void RecordingSupervisor::note_end(RecordingEnd end, const Recording& recording) {
  const RecordingOutput& output = recording.output();
  last_.session = recording.facts().session;
  last_.next_part = recording.facts().part;
  last_.show = recording.facts().show;
  last_.file = output.newest_file();
  last_.file_before = output.published_file();
  last_.ended = true;
  last_.tail = recording.tail();
  last_.files = report_.files();
  last_.counted = report_.counted();
  // Between two broadcasts of a show there is nothing to lose.
  if (end == RecordingEnd::show_over) last_.tail.zero_wall_ms.reset();
  next_cause_ = end == RecordingEnd::storage_failed ? "disk" : "connection";
}

awaitable<void> RecordingSupervisor::record_show(std::stop_token stop) {
  Recording recording(environment_, config_, names_, next_start(), report_);
  current_ = &recording;
  current_show_ = view_.show_number;
  report_.begin(last_.files, last_.counted);
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
  report_.end(end, recording);
  note_end(end, recording);
  log::info("Recording has ended", {{"session", last_.session}, {"end", to_string(end)}});
  if (end == RecordingEnd::retries_exhausted)
    not_before_ = environment_.clock.now() + std::chrono::seconds(config_.transport.poll_interval_seconds);
  take_drain_request();
  if (last_changed_) last_changed_();
  if (ended_) ended_();
  if (stop.stop_requested()) report_.not_recording(reason::stopping, {});
}

awaitable<void> RecordingSupervisor::report_progress(std::stop_token stop) {
  watch_storage();
  while (true) {
    const bool passed = co_await environment_.clock.sleep_for(std::chrono::seconds(1), stop);
    if (!passed) co_return;
    report_.progress(*current_);
    watch_storage();
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
  not_before_ = TimePoint::min();
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
