// SPDX-License-Identifier: Apache-2.0
// What is known about a room, as one level state made from push messages and poll answers. No I/O: time and
// randomness come from the caller.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/bilibili/play_info.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/replies.hpp"
#include "recorder/bilibili/session_machine.hpp"
#include "recorder/bilibili/show.hpp"

namespace live::bilibili {

enum class RoomState { unknown, offline, live, blocked };

enum class StateReason {
  starting,     // unknown: nothing was heard yet
  api_failing,  // unknown: no answer for long
  pushed,       // live: LIVE on the socket
  polled,       // live: an API answer
  idle,         // offline by an API answer
  preparing,    // offline: the streamer ended it
  rotation,     // offline: old recordings are replayed
  cut_off,      // offline: ended by moderators, `detail` says why
  not_found,    // blocked, and so on
  locked,
  hidden,
  encrypted,
  paid,
  drm,
  region_blocked,
};
std::string_view to_string(StateReason reason);  // "CutOff", as reason of a condition

struct Throttle {
  bool active = false;
  ErrorKind cause = ErrorKind::transient;
  TimePoint until{};
  bool operator==(const Throttle&) const = default;
};

// The newest full state. Conditions: RoomFound from `found`, Live from `state` and `reason`, DanmakuConnected
// from `danmaku_connected` and `danmaku_end`, Throttled from `throttle`.
struct RoomView {
  RoomState state = RoomState::unknown;
  StateReason reason = StateReason::starting;
  std::string detail;             // for a person; may be empty
  std::optional<Show> show;       // while live, and while blocked with a broadcast going on
  std::uint64_t show_number = 0;  // counts the shows of this process; the same again when a show goes on
  std::optional<bool> found;      // whether the room exists; nullopt: not known yet
  RoomInfo room;                  // room_id is 0 until it is found
  bool danmaku_connected = false;
  std::optional<SessionEnd> danmaku_end;  // why the last connection ended
  Throttle throttle;
  std::string last_error;  // of the newest poll; empty after a good one
};

struct MonitorSettings {
  Duration poll_interval = std::chrono::seconds(120);
  // How many rooms share our address, as a power of ten: spreads calls.
  std::int64_t rooms = 1;
};

enum class PollKind {
  resolve,  // room_init (and then the rest): the real number isn't known, or is to be looked at again
  status,   // getRoomBaseInfo
  access,   // getRoomPlayInfo and getRoomBaseInfo: whether the block still stands
};
struct Poll {
  PollKind kind{};
};
using MonitorAction = std::variant<Poll, WaitUntil>;

// The answers of one poll, as far as they came. All were asked at or after `asked`.
struct PollAnswer {
  TimePoint asked{};
  std::optional<RoomInit> init;
  std::optional<RoomStatus> status;
  std::optional<PlayInfo> play;
  std::optional<ApiError> error;  // of the first call that failed
};

class RoomMonitor {
 public:
  // After a push the API may tell the old state this much longer.
  static constexpr Duration push_lag = std::chrono::seconds(30);
  // Between two answers "not live" that together end a show whose media still flows.
  static constexpr Duration confirm_after = std::chrono::seconds(10);
  static constexpr Duration min_poll_spacing = std::chrono::seconds(5);
  static constexpr Duration unhealthy_interval = std::chrono::seconds(30);
  static constexpr Duration permanent_interval = std::chrono::minutes(10);
  static constexpr Duration longest_permanent_interval = std::chrono::hours(1);
  // Without any answer for this long a state that isn't live becomes unknown.
  static constexpr Duration forget_after = std::chrono::minutes(10);

  // The first poll is due within the spread of `settings.rooms` from `now`.
  RoomMonitor(MonitorSettings settings, TimePoint now, Random random);
  void set(MonitorSettings settings, TimePoint now);

  // What to do at this moment. A Poll counts as begun when it is returned; its answer must be given.
  MonitorAction next(TimePoint now);

  void polled(const PollAnswer& answer, TimePoint now);
  // A play-info that somebody else asked for, or why it failed: as good as a poll.
  void observed(const PlayInfo& play, TimePoint asked, TimePoint now);
  void observed(const ApiError& error, TimePoint now);
  void pushed(const Message& message, TimePoint now);
  void socket_up(TimePoint now);
  void socket_down(SessionEnd reason, TimePoint now);
  void throttled(const Throttle& throttle, TimePoint now);
  // Whether media of the show is coming in at the moment.
  void media(bool flowing, TimePoint now);
  // Something outside changed (a cookie): look at once.
  void recheck(TimePoint now);

  const RoomView& view() const { return view_; }
  // Whether the view changed since the last call.
  bool take_changed();
  // Whether a LIVE came since the last call: an attempt at once is worth it, also in the middle of a show.
  bool take_wake();

 private:
  void enter_show(const Show& show);
  void take_live(const Show& show, StateReason reason);
  void take_offline(StateReason reason, std::string detail);
  void take_blocked(StateReason reason, std::string detail, const std::optional<Show>& show);
  void take_status(LiveStatus status, const Show& show, TimePoint asked);
  void take_not_live(LiveStatus status, TimePoint asked);
  void take_access(const RoomAccess& access, LiveStatus status, const Show& show, TimePoint asked);
  void take_live_push(const LiveStarted& started, TimePoint now);
  void take_end_push(StateReason reason, std::string detail, TimePoint now);
  void take_room(const RoomInfo& room);
  void take_play(const PlayInfo& play, TimePoint asked);
  void take_error(const ApiError& error, TimePoint now);
  bool take_closing_error(const ApiError& error, TimePoint now);
  void answered(TimePoint now);
  PollKind kind_of_next() const;
  void poll_by(TimePoint when);  // not later than this
  TimePoint spread_from(TimePoint now);
  Duration interval();
  template <class T>
  void assign(T& field, T value);

  MonitorSettings settings_;
  Random random_;
  RoomView view_;
  bool changed_ = true;
  bool wake_ = false;
  std::optional<Show> last_show_;       // the newest one, also after its end
  std::optional<TimePoint> live_push_;  // of the state that holds: a push of the other kind clears it
  std::optional<TimePoint> end_push_;
  std::optional<TimePoint> first_denial_;  // when an answer "not live" was asked for while media flowed
  bool media_flowing_ = false;
  bool polling_ = false;
  std::optional<TimePoint> last_poll_;
  TimePoint last_answer_;
  TimePoint regular_poll_;           // by the interval
  std::optional<TimePoint> wanted_;  // earlier, for a reason
  Backoff permanent_backoff_;
  Backoff transient_backoff_;
};

}  // namespace live::bilibili
