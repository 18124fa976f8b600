// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/room_monitor.hpp"

#include <algorithm>
#include <utility>

#include "recorder/bilibili/api_client.hpp"

namespace live::bilibili {
namespace {

constexpr double poll_jitter = 0.2;
constexpr Duration unhealthy_per_room = std::chrono::milliseconds(300);
constexpr std::int64_t most_rooms = 100'000;
constexpr Duration after_media_loss = std::chrono::seconds(1);
constexpr Duration min_wake_spacing = std::chrono::seconds(5);  // LIVE comes two or three times at a start

BackoffLimits permanent_limits() {
  return {RoomMonitor::permanent_interval, RoomMonitor::longest_permanent_interval, 1.5, 0.2,
          std::chrono::hours(24)};
}
BackoffLimits transient_limits() {
  return {std::chrono::seconds(5), std::chrono::minutes(5), 2.0, 0.5, std::chrono::minutes(30)};
}

// What stands between us and the room whether or not it is live.
std::optional<StateReason> closed_by(const RoomAccess& access) {
  if (access.locked) return StateReason::locked;
  if (access.hidden) return StateReason::hidden;
  if (access.encrypted) return StateReason::encrypted;
  return std::nullopt;
}

// What a play-info tells about the show on air.
std::optional<StateReason> barred_by(const PlayInfo& play) {
  const StreamChoice choice = choose_stream(play, StreamPreferences(), {});
  const auto* refusal = std::get_if<Refusal>(&choice);
  if (refusal && refusal->reason == RefusalReason::paid) return StateReason::paid;
  if (refusal && refusal->reason == RefusalReason::drm) return StateReason::drm;
  return std::nullopt;
}

// Only a play-info tells whether it still stands, and it ends with the show.
bool of_one_show(StateReason reason) {
  return reason == StateReason::paid || reason == StateReason::drm || reason == StateReason::region_blocked;
}

}  // namespace

std::string_view to_string(StateReason reason) {
  switch (reason) {
    case StateReason::starting:
      return "Starting";
    case StateReason::api_failing:
      return "ApiFailing";
    case StateReason::pushed:
      return "Pushed";
    case StateReason::polled:
      return "Polled";
    case StateReason::idle:
      return "Idle";
    case StateReason::preparing:
      return "Preparing";
    case StateReason::rotation:
      return "Rotation";
    case StateReason::cut_off:
      return "CutOff";
    case StateReason::not_found:
      return "NotFound";
    case StateReason::locked:
      return "Locked";
    case StateReason::hidden:
      return "Hidden";
    case StateReason::encrypted:
      return "Encrypted";
    case StateReason::paid:
      return "Paid";
    case StateReason::drm:
      return "Drm";
    case StateReason::region_blocked:
      return "RegionBlocked";
  }
  return "Starting";
}

RoomMonitor::RoomMonitor(MonitorSettings settings, TimePoint now, Random random)
    : settings_(settings),
      random_(std::move(random)),
      last_answer_(now),
      regular_poll_(now),
      permanent_backoff_(permanent_limits()),
      transient_backoff_(transient_limits()) {
  regular_poll_ = spread_from(now);
}

void RoomMonitor::set(MonitorSettings settings, TimePoint now) {
  settings_ = settings;
  if (view_.state != RoomState::blocked) regular_poll_ = std::min(regular_poll_, now + interval());
}

MonitorAction RoomMonitor::next(TimePoint now) {
  if (polling_) return WaitUntil{TimePoint::max()};
  TimePoint due = wanted_ ? std::min(*wanted_, regular_poll_) : regular_poll_;
  if (last_poll_) due = std::max(due, *last_poll_ + min_poll_spacing);
  if (view_.throttle.active) due = std::max(due, view_.throttle.until);
  if (now < due) return WaitUntil{due};
  polling_ = true;
  last_poll_ = now;
  wanted_.reset();
  return Poll{kind_of_next()};
}

PollKind RoomMonitor::kind_of_next() const {
  if (view_.room.room_id == 0 || view_.found == std::optional(false)) return PollKind::resolve;
  if (view_.state != RoomState::blocked) return PollKind::status;
  return of_one_show(view_.reason) ? PollKind::access : PollKind::resolve;
}

void RoomMonitor::polled(const PollAnswer& answer, TimePoint now) {
  polling_ = false;
  if (answer.init) {
    const RoomInit& init = *answer.init;
    assign(view_.room.room_id, init.room_id);
    assign(view_.room.short_id, init.short_id);
    assign(view_.room.uid, init.uid);
    take_access(init.access, init.status, Show{{}, init.live_time}, answer.asked);
  }
  if (answer.play) take_play(*answer.play, answer.asked);
  if (answer.status) {
    take_room(answer.status->room);
    take_status(answer.status->status, Show{answer.status->live_key, answer.status->live_time}, answer.asked);
  }
  if (answer.init || answer.play || answer.status) answered(now);
  if (answer.error) {
    take_error(*answer.error, now);
    return;
  }
  assign(view_.last_error, std::string());
  transient_backoff_.reset();
  const bool blocked = view_.state == RoomState::blocked;
  if (!blocked) permanent_backoff_.reset();
  regular_poll_ = now + (blocked ? permanent_backoff_.next(now, random_) : interval());
}

void RoomMonitor::answered(TimePoint now) {
  last_answer_ = now;
  assign(view_.found, std::optional(true));
}

void RoomMonitor::observed(const PlayInfo& play, TimePoint asked, TimePoint now) {
  const bool was_blocked = view_.state == RoomState::blocked;
  take_play(play, asked);
  answered(now);
  if (!was_blocked && view_.state == RoomState::blocked) {
    regular_poll_ = now + permanent_backoff_.next(now, random_);
  }
}

void RoomMonitor::observed(const ApiError& error, TimePoint now) { take_closing_error(error, now); }

void RoomMonitor::take_play(const PlayInfo& play, TimePoint asked) {
  const Show show{{}, play.live_time};
  const std::optional<StateReason> barred = barred_by(play);
  const bool bars_show = view_.state == RoomState::blocked && of_one_show(view_.reason);
  if (bars_show && !barred) assign(view_.state, RoomState::offline);  // for the status below to decide
  take_access(play.access, play.status, show, asked);
  if (barred && view_.state == RoomState::live && !(live_push_ && asked < *live_push_)) {
    take_blocked(*barred, {}, view_.show);
  }
}

// A closed door is believed when it was asked about after the newest push; so is an open one, for what an
// answer of this kind can tell about.
void RoomMonitor::take_access(const RoomAccess& access, LiveStatus status, const Show& show,
                              TimePoint asked) {
  if (const std::optional<StateReason> closed = closed_by(access)) {
    if (live_push_ && asked < *live_push_) return;
    const bool on_air = status == LiveStatus::live;
    take_blocked(*closed, {}, on_air ? std::optional(show) : std::nullopt);
    return;
  }
  if (view_.state == RoomState::blocked && !of_one_show(view_.reason)) {
    if (end_push_ && asked < *end_push_) return;
    assign(view_.state, RoomState::offline);  // for the status below to decide
  }
  take_status(status, show, asked);
}

void RoomMonitor::take_status(LiveStatus status, const Show& show, TimePoint asked) {
  if (status != LiveStatus::live) {
    take_not_live(status, asked);
    return;
  }
  first_denial_.reset();
  const bool other = last_show_ && different_show(*last_show_, show);
  // The API goes on saying "live" for a while after the end.
  if (end_push_ && asked < *end_push_ + push_lag && !other) {
    poll_by(*end_push_ + push_lag);
    return;
  }
  if (view_.state == RoomState::blocked && of_one_show(view_.reason) && !other) return;
  if (view_.state == RoomState::blocked && !of_one_show(view_.reason))
    return;  // getRoomBaseInfo knows no doors
  take_live(show, StateReason::polled);
}

void RoomMonitor::take_not_live(LiveStatus status, TimePoint asked) {
  if (view_.state == RoomState::live) {
    // The API is late after a LIVE, too.
    if (live_push_ && asked < *live_push_ + push_lag) {
      poll_by(asked + confirm_after);
      return;
    }
    // Media still comes: one answer may be wrong, a second one is not.
    if (media_flowing_ && !first_denial_) first_denial_ = asked;
    if (media_flowing_ && asked < *first_denial_ + confirm_after) {
      poll_by(*first_denial_ + confirm_after);
      return;
    }
  }
  if (view_.state == RoomState::blocked && !of_one_show(view_.reason)) {
    assign(view_.show, std::optional<Show>());
    return;
  }
  take_offline(status == LiveStatus::rotation ? StateReason::rotation : StateReason::idle, {});
}

// Decides whether this is the show that is known already.
void RoomMonitor::enter_show(const Show& show) {
  const bool goes_on = view_.show && !different_show(*view_.show, show);
  const bool comes_back = !view_.show && last_show_ && same_show(*last_show_, show);
  Show known = show;
  if (goes_on) known = merged_show(*view_.show, show);
  if (comes_back) known = merged_show(*last_show_, show);
  if (!goes_on && !comes_back) assign(view_.show_number, view_.show_number + 1);
  assign(view_.show, std::optional(known));
  last_show_ = known;
}

void RoomMonitor::take_live(const Show& show, StateReason reason) {
  const std::uint64_t number = view_.show_number;
  enter_show(show);
  if (view_.state != RoomState::live || view_.show_number != number) {
    assign(view_.reason, reason);
    assign(view_.detail, std::string());
  }
  assign(view_.state, RoomState::live);
}

void RoomMonitor::take_offline(StateReason reason, std::string detail) {
  // How a show ended says more than that it is over.
  const bool told = view_.state == RoomState::offline &&
                    (view_.reason == StateReason::cut_off ||
                     (view_.reason == StateReason::preparing && reason == StateReason::idle));
  first_denial_.reset();
  assign(view_.show, std::optional<Show>());
  assign(view_.state, RoomState::offline);
  if (told) return;
  assign(view_.reason, reason);
  assign(view_.detail, std::move(detail));
}

void RoomMonitor::take_blocked(StateReason reason, std::string detail, const std::optional<Show>& show) {
  first_denial_.reset();
  assign(view_.state, RoomState::blocked);
  assign(view_.reason, reason);
  assign(view_.detail, std::move(detail));
  if (show) {
    enter_show(*show);
  } else {
    assign(view_.show, std::optional<Show>());
  }
}

void RoomMonitor::pushed(const Message& message, TimePoint now) {
  const bool foreign =
      message.room_id != 0 && message.room_id != view_.room.room_id && message.room_id != view_.room.short_id;
  if (foreign) return;
  if (const auto* started = std::get_if<LiveStarted>(&message.content)) {
    take_live_push(*started, now);
  } else if (std::holds_alternative<Preparing>(message.content)) {
    take_end_push(StateReason::preparing, {}, now);
  } else if (const auto* cut = std::get_if<CutOff>(&message.content)) {
    take_end_push(StateReason::cut_off, cut->text, now);
  } else if (const auto* lock = std::get_if<RoomLocked>(&message.content)) {
    take_end_push(StateReason::idle, {}, now);
    take_blocked(StateReason::locked, lock->until.empty() ? std::string() : "until " + lock->until,
                 std::nullopt);
    regular_poll_ = now + permanent_backoff_.next(now, random_);
  } else if (const auto* change = std::get_if<RoomChanged>(&message.content)) {
    if (!change->title.empty()) assign(view_.room.title, change->title);
    if (!change->area.empty()) assign(view_.room.area, change->area);
    if (!change->parent_area.empty()) assign(view_.room.parent_area, change->parent_area);
  }
}

void RoomMonitor::take_live_push(const LiveStarted& started, TimePoint now) {
  Show show;
  show.key = started.live_key;
  if (started.live_time) show.start = live_time_from_unix(*started.live_time);
  const bool same_block =
      view_.state == RoomState::blocked && view_.show && !different_show(*view_.show, show);
  if (same_block) return;  // a new push in a show that we may not see
  const bool repeated = view_.state == RoomState::live && live_push_ && now - *live_push_ < min_wake_spacing;
  live_push_ = now;
  end_push_.reset();
  first_denial_.reset();
  const std::uint64_t number = view_.show_number;
  take_live(show, StateReason::pushed);
  if (!repeated || view_.show_number != number) wake_ = true;
  poll_by(now);
}

void RoomMonitor::take_end_push(StateReason reason, std::string detail, TimePoint now) {
  end_push_ = now;
  live_push_.reset();
  if (view_.state == RoomState::blocked && !of_one_show(view_.reason)) {
    assign(view_.show, std::optional<Show>());
    return;
  }
  take_offline(reason, std::move(detail));
  poll_by(now + push_lag + jittered(confirm_after, poll_jitter, random_));
}

void RoomMonitor::socket_up(TimePoint now) {
  assign(view_.danmaku_connected, true);
  assign(view_.danmaku_end, std::optional<SessionEnd>());
  poll_by(spread_from(now));  // a LIVE or PREPARING may have been missed
}

void RoomMonitor::socket_down(SessionEnd reason, TimePoint now) {
  const bool was_up = view_.danmaku_connected;
  assign(view_.danmaku_connected, false);
  assign(view_.danmaku_end, std::optional(reason));
  if (!was_up) return;
  poll_by(spread_from(now));
  if (view_.state != RoomState::blocked) regular_poll_ = std::min(regular_poll_, now + interval());
}

void RoomMonitor::throttled(const Throttle& throttle, TimePoint now) {
  const bool was_active = view_.throttle.active;
  assign(view_.throttle, throttle);
  if (was_active && !throttle.active) poll_by(spread_from(now));
}

void RoomMonitor::media(bool flowing, TimePoint now) {
  if (media_flowing_ && !flowing && view_.state == RoomState::live) poll_by(now + after_media_loss);
  media_flowing_ = flowing;
  if (!flowing) first_denial_.reset();
}

void RoomMonitor::recheck(TimePoint now) { poll_by(now); }

void RoomMonitor::take_room(const RoomInfo& room) {
  RoomInfo taken = room;
  if (taken.anchor.empty()) taken.anchor = view_.room.anchor;
  if (taken.cover_url.empty()) taken.cover_url = view_.room.cover_url;
  assign(view_.room, std::move(taken));
}

void RoomMonitor::take_error(const ApiError& error, TimePoint now) {
  assign(view_.last_error, error.message);
  if (error.kind == ErrorKind::not_found) {
    assign(view_.found, std::optional(false));
    last_answer_ = now;
    take_blocked(StateReason::not_found, error.message, std::nullopt);
    regular_poll_ = now + permanent_backoff_.next(now, random_);
    return;
  }
  if (take_closing_error(error, now)) return;
  const bool deaf = !view_.danmaku_connected && now - last_answer_ > forget_after;
  if (deaf && view_.state == RoomState::offline) assign(view_.state, RoomState::unknown);
  if (view_.state == RoomState::unknown) assign(view_.reason, StateReason::api_failing);
  // Soon at first; then as often as without the error, or seldom while nothing at all is known.
  const Duration wait = transient_backoff_.next(now, random_);
  regular_poll_ = now + (view_.room.room_id == 0 ? wait : std::min(wait, interval()));
}

// Errors that tell about the room, whoever asked.
bool RoomMonitor::take_closing_error(const ApiError& error, TimePoint now) {
  if (error.kind != ErrorKind::region_blocked && error.kind != ErrorKind::encrypted) return false;
  const bool region = error.kind == ErrorKind::region_blocked;
  take_blocked(region ? StateReason::region_blocked : StateReason::encrypted, error.message, view_.show);
  regular_poll_ = now + permanent_backoff_.next(now, random_);
  return true;
}

void RoomMonitor::poll_by(TimePoint when) { wanted_ = wanted_ ? std::min(*wanted_, when) : when; }

TimePoint RoomMonitor::spread_from(TimePoint now) {
  const auto spread = static_cast<double>(call_spread(settings_.rooms).count());
  return now + Duration(static_cast<Duration::rep>(spread * random_.unit()));
}

Duration RoomMonitor::interval() {
  if (view_.danmaku_connected) return jittered(settings_.poll_interval, poll_jitter, random_);
  const std::int64_t rooms = std::clamp<std::int64_t>(settings_.rooms, 1, most_rooms);
  const Duration crowd =
      std::max(std::min(settings_.poll_interval, unhealthy_interval), rooms * unhealthy_per_room);
  return jittered(crowd, poll_jitter, random_);
}

bool RoomMonitor::take_changed() { return std::exchange(changed_, false); }
bool RoomMonitor::take_wake() { return std::exchange(wake_, false); }

template <class T>
void RoomMonitor::assign(T& field, T value) {
  if (field == value) return;
  field = std::move(value);
  changed_ = true;
}

}  // namespace live::bilibili
