// SPDX-License-Identifier: Apache-2.0
// Which events follow from what happens, so that to receivers everything that begins also ends, once,
// whatever restarts lie between. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "recorder/bilibili/show.hpp"
#include "recorder/notifications/webhook.hpp"

namespace live::recorder {

class EventLedger {
 public:
  // Files of one session that may be open at a time; more is a fault elsewhere, the oldest is forgotten.
  static constexpr std::size_t max_open_files = 16;

  // What receivers have been told and is not over yet; outlives the process beside the events.
  struct State {
    bool streaming = false;
    bilibili::Show show;  // while streaming
    std::string session;  // empty: none is going on
    std::vector<FileFacts> files;
    RoomFacts room;  // as it was told last: for what is found out before the room is known again
    bool operator==(const State&) const;
  };

  const State& state() const { return state_; }
  void restore(State state) { state_ = std::move(state); }

  // An event and the state in which the ledger is once it is kept: an end between two events repeats none and
  // loses none.
  struct Entry {
    WebhookEvent event;
    State after;
  };
  // Each returns the events that are to be sent, in order. `room` is how the room is now, with a number of 0
  // while it isn't known; its `recording` and `streaming` are set by the ledger.
  using Events = std::vector<Entry>;

  // The room is live, with this show, or it is not. Not to be told while nobody knows.
  Events stream(bool live, const bilibili::Show& show, const RoomFacts& room);
  // The first file of a session begins it, and ends another one that was left open by an unclean end.
  Events file_opening(const std::string& session, const FileFacts& file, const RoomFacts& room);
  // A file that nobody was told of gives no event. One whose name was taken in the meantime has a number
  // behind it.
  Events file_closed(const FileFacts& file, const RoomFacts& room);
  Events session_ended(const std::string& session, const RoomFacts& room, WallTime now);
  // Nothing is being recorded: what an earlier process left open is over. Files that did not come back are
  // gone: they are closed without content.
  Events settle(const RoomFacts& room, WallTime now);

 private:
  // Of the state as it is: called once that has changed.
  void put(Events& events, liveroom::NotificationEvent type, const RoomFacts& room,
           const std::string& session = {}, const FileFacts& file = {});
  void end_session(Events& events, const RoomFacts& room, WallTime now);

  State state_;
};

Json to_json(const EventLedger::State& state);
// Never fails: what is absent or broken has its default.
EventLedger::State ledger_state_from_json(const Json& json);

}  // namespace live::recorder
