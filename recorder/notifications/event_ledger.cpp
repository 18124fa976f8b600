// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/event_ledger.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "liveroom/text.hpp"

namespace live::recorder {

using liveroom::NotificationEvent;

namespace {
RoomFacts bounded(RoomFacts room) {
  for (std::string* text : {&room.anchor, &room.title, &room.parent_area, &room.area})
    *text = liveroom::bounded_text(*text, max_webhook_text);
  return room;
}

std::string without_extension(const std::string& path) { return path.substr(0, path.rfind('.')); }
}  // namespace

bool EventLedger::State::operator==(const State& other) const {
  const auto same_file = [](const FileFacts& a, const FileFacts& b) { return a.path == b.path; };
  return streaming == other.streaming && show == other.show && session == other.session &&
         std::ranges::equal(files, other.files, same_file);
}

void EventLedger::put(Events& events, NotificationEvent type, const RoomFacts& room,
                      const std::string& session, const FileFacts& file) {
  if (room.room_id != 0) state_.room = bounded(room);
  WebhookEvent event;
  event.type = type;
  event.room = state_.room;
  event.room.streaming = state_.streaming;
  event.room.recording = !state_.session.empty();
  event.session = session;
  event.file = file;
  events.push_back({std::move(event), state_});
}

EventLedger::Events EventLedger::stream(bool live, const bilibili::Show& show, const RoomFacts& room) {
  Events events;
  const bool other_show = live && state_.streaming && bilibili::different_show(state_.show, show);
  if (state_.streaming && (!live || other_show)) {
    state_.streaming = false;
    state_.show = {};
    put(events, NotificationEvent::stream_ended, room);
  }
  if (live && !state_.streaming) {
    state_.streaming = true;
    state_.show = show;
    put(events, NotificationEvent::stream_started, room);
  } else if (live) {
    state_.show = bilibili::merged_show(state_.show, show);
  }
  return events;
}

void EventLedger::end_session(Events& events, const RoomFacts& room, WallTime now) {
  if (state_.session.empty()) return;
  const std::string session = state_.session;
  while (!state_.files.empty()) {
    FileFacts closed = std::move(state_.files.front());
    state_.files.erase(state_.files.begin());
    closed.closed = std::max(now, closed.opened);
    put(events, NotificationEvent::file_closed, room, session, closed);
  }
  state_.session.clear();
  put(events, NotificationEvent::session_ended, room, session);
}

EventLedger::Events EventLedger::file_opening(const std::string& session, const FileFacts& file,
                                              const RoomFacts& room) {
  Events events;
  if (state_.session != session) {
    end_session(events, room, file.opened);
    state_.session = session;
    put(events, NotificationEvent::session_started, room, session);
  }
  const bool known =
      std::ranges::any_of(state_.files, [&](const FileFacts& open) { return open.path == file.path; });
  if (known) return events;  // an earlier process told of it, and it goes on
  if (state_.files.size() >= max_open_files) state_.files.erase(state_.files.begin());
  FileFacts opened;
  opened.path = file.path;
  // As it is kept on the volume, so that the time is the same in both events of the file.
  opened.opened = std::chrono::floor<std::chrono::microseconds>(file.opened);
  state_.files.push_back(opened);
  put(events, NotificationEvent::file_opening, room, session, opened);
  return events;
}

EventLedger::Events EventLedger::file_closed(const FileFacts& file, const RoomFacts& room) {
  Events events;
  auto open = std::ranges::find_if(state_.files,
                                   [&](const FileFacts& candidate) { return candidate.path == file.path; });
  if (open == state_.files.end()) {
    open = std::ranges::find_if(state_.files, [&](const FileFacts& candidate) {
      return file.path.starts_with(without_extension(candidate.path) + "_");
    });
  }
  if (open == state_.files.end()) return events;
  FileFacts closed = file;
  closed.opened = open->opened;
  state_.files.erase(open);
  put(events, NotificationEvent::file_closed, room, state_.session, closed);
  return events;
}

EventLedger::Events EventLedger::session_ended(const std::string& session, const RoomFacts& room,
                                               WallTime now) {
  Events events;
  if (session == state_.session) end_session(events, room, now);
  return events;
}

EventLedger::Events EventLedger::settle(const RoomFacts& room, WallTime now) {
  Events events;
  end_session(events, room, now);
  return events;
}

Json to_json(const EventLedger::State& state) {
  Json json = Json::object();
  if (state.streaming) {
    json["showKey"] = state.show.key;
    if (state.show.start) json["showStart"] = format_rfc3339(*state.show.start);
  }
  json["streaming"] = state.streaming;
  json["session"] = state.session;
  Json files = Json::array();
  for (const FileFacts& file : state.files)
    files.push_back({{"path", file.path}, {"opened", format_rfc3339_micro(file.opened)}});
  json["files"] = std::move(files);
  if (state.room.room_id != 0) {
    json["room"] = {
        {"id", state.room.room_id},  {"shortId", state.room.short_id},       {"anchor", state.room.anchor},
        {"title", state.room.title}, {"parentArea", state.room.parent_area}, {"area", state.room.area}};
  }
  return json;
}

EventLedger::State ledger_state_from_json(const Json& json) {
  EventLedger::State state;
  state.streaming = json_bool(json_at(json, "/streaming")).value_or(false);
  if (state.streaming) {
    state.show.key = json_string(json_at(json, "/showKey")).value_or("");
    state.show.start = parse_rfc3339(json_string(json_at(json, "/showStart")).value_or(""));
  }
  state.session = json_string(json_at(json, "/session")).value_or("");
  const auto text = [&](std::string_view path) { return json_string(json_at(json, path)).value_or(""); };
  state.room.room_id = json_int(json_at(json, "/room/id")).value_or(0);
  state.room.short_id = json_int(json_at(json, "/room/shortId")).value_or(0);
  state.room.anchor = text("/room/anchor");
  state.room.title = text("/room/title");
  state.room.parent_area = text("/room/parentArea");
  state.room.area = text("/room/area");
  const Json& files = json_at(json, "/files");
  if (!files.is_array() || files.size() > EventLedger::max_open_files) return state;
  for (const Json& item : files) {
    FileFacts file;
    file.path = json_string(json_at(item, "/path")).value_or("");
    file.opened = parse_rfc3339(json_string(json_at(item, "/opened")).value_or("")).value_or(WallTime());
    if (!file.path.empty()) state.files.push_back(std::move(file));
  }
  return state;
}

}  // namespace live::recorder
