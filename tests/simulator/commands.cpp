// SPDX-License-Identifier: Apache-2.0
#include "simulator/commands.hpp"

#include <fmt/format.h>

#include <map>

#include "base/json.hpp"
#include "simulator/fields.hpp"
#include "simulator/messages.hpp"
#include "simulator/text.hpp"

namespace live::simulator {
namespace {

using Done = std::optional<Problem>;

Result<DropKind> drop_kind(const std::string& how) {
  if (how == "reset") return DropKind::reset;
  if (how == "close") return DropKind::close;
  if (how == "cut") return DropKind::cut;
  return failure("how: reset, close or cut is wanted");
}

Done go_live(World& world, Room& room, const Json& body) {
  std::string media_name;
  std::int64_t base = static_cast<std::int64_t>(world.random.between(1'000'000, 100'000'000));
  double pace = 1;
  std::int64_t connection_bytes = 0;
  Milliseconds push_delay{0};
  bool messages = true, same_show = false;
  Fields fields(body);
  fields.read("media", media_name);
  fields.read("timestampBase", base);
  fields.read("pace", pace);
  fields.read("connectionBytes", connection_bytes);
  fields.read_seconds("pushDelaySeconds", push_delay);
  fields.read("messages", messages);
  fields.read("sameShow", same_show);
  if (auto problem = fields.problem()) return problem;
  if (pace < 0 || connection_bytes < 0) return Problem{"pace, connectionBytes: 0 or more is wanted"};
  if (room.state.status == LiveStatus::live) return Problem{"the room is live already"};
  if (same_show && !room.state.show) return Problem{"sameShow: there was no show yet"};
  const Result<Media> media = media_name.empty() ? world.default_media() : world.media(media_name);
  if (!media) return Problem{"media: " + media.error().message};

  Show show(*media);
  show.key = same_show ? room.state.show->key : world.new_show_key();
  show.started = same_show ? room.state.show->started : world.wall_now();
  show.push_begins = world.now() + push_delay;
  show.timestamp_base = static_cast<std::uint32_t>(base);
  show.pace = pace;
  show.connection_bytes = static_cast<std::uint64_t>(connection_bytes);
  room.state.show = std::move(show);
  room.hls.reset();
  room.hls_seen = false;
  room.state.set_status(LiveStatus::live, world.now());
  if (!messages) return std::nullopt;
  world.broadcast(room, live_message(room.state.info, *room.state.show, !same_show));
  // The second LIVE says that the push has come.
  world.later(push_delay, [&world, &room, key = room.state.show->key] {
    if (room.state.status == LiveStatus::live && room.state.show->key == key)
      world.broadcast(room, live_message(room.state.info, *room.state.show, false));
  });
  return std::nullopt;
}

Done end_show(World& world, Room& room, Milliseconds drain, bool rotation, const std::string& message) {
  if (room.state.status != LiveStatus::live) return Problem{"the room is not live"};
  room.state.show->push_ends = world.now() + drain;
  room.state.set_status(rotation ? LiveStatus::rotation : LiveStatus::idle, world.now());
  if (!message.empty()) world.broadcast(room, message);
  return std::nullopt;
}

Done stop(World& world, Room& room, const Json& body) {
  Milliseconds drain{3000};
  bool rotation = false, messages = true;
  Fields fields(body);
  fields.read_seconds("drainSeconds", drain);
  fields.read("rotation", rotation);
  fields.read("messages", messages);
  if (auto problem = fields.problem()) return problem;
  const std::string message =
      messages ? preparing_message(room.state.info, rotation, world.wall_now()) : std::string();
  return end_show(world, room, drain, rotation, message);
}

Done cut_off(World& world, Room& room, const Json& body) {
  Milliseconds drain{0};
  std::string text = "违反直播言论规范，请立即调整";
  Fields fields(body);
  fields.read_seconds("drainSeconds", drain);
  fields.read("text", text);
  if (auto problem = fields.problem()) return problem;
  return end_show(world, room, drain, false, cut_off_message(room.state.info, text));
}

void drop_now(Room& room, DropKind kind, std::optional<std::int64_t> connection) {
  const std::set<MediaPeer*> peers = room.media;  // a dropped one leaves the set
  for (MediaPeer* peer : peers)
    if (!connection || peer->id() == static_cast<std::uint64_t>(*connection)) peer->drop(kind);
}

void drop_later(World& world, Room& room, DropKind kind, Milliseconds every, int times, std::uint64_t run) {
  world.later(every, [&world, &room, kind, every, times, run] {
    if (room.drop_run != run) return;
    drop_now(room, kind, std::nullopt);
    if (times != 1) drop_later(world, room, kind, every, times > 0 ? times - 1 : 0, run);
  });
}

Done drop(World& world, Room& room, const Json& body) {
  std::string how = "reset";
  std::optional<std::int64_t> connection;
  Milliseconds every{0};
  int times = 0;
  Fields fields(body);
  fields.read("how", how);
  fields.read("connection", connection);
  fields.read_seconds("everySeconds", every);
  fields.read("times", times);
  if (auto problem = fields.problem()) return problem;
  const Result<DropKind> kind = drop_kind(how);
  if (!kind) return kind.error();
  ++room.drop_run;  // ends regular drops
  if (every.count() > 0) {
    if (connection) return Problem{"everySeconds, connection: one of both is wanted"};
    drop_later(world, room, *kind, every, times, room.drop_run);
  } else {
    drop_now(room, *kind, connection);
  }
  return std::nullopt;
}

// So that it can be chosen which connections are spoiled.
Done spoil_connections(Room& room, const Spoil& spoil, std::optional<std::int64_t> connection) {
  for (MediaPeer* peer : room.media)
    if (!connection || peer->id() == static_cast<std::uint64_t>(*connection)) peer->spoil(spoil);
  return std::nullopt;
}

Done damage(World&, Room& room, const Json& body) {
  std::int64_t bytes = 0, tags = 0;
  std::optional<std::int64_t> connection;
  Fields fields(body);
  fields.read("bytes", bytes);
  fields.read("tags", tags);
  fields.read("connection", connection);
  if (auto problem = fields.problem()) return problem;
  if (bytes < 0 || bytes > (1 << 24) || tags < 0) return Problem{"bytes, tags: 0 or more is wanted"};
  Spoil spoil;
  spoil.garbage = static_cast<std::size_t>(bytes);
  spoil.lose_tags = static_cast<std::uint64_t>(tags);
  return spoil_connections(room, spoil, connection);
}

Done headers(World&, Room& room, const Json& body) {
  std::optional<std::int64_t> connection;
  Fields fields(body);
  fields.read("connection", connection);
  if (auto problem = fields.problem()) return problem;
  Spoil spoil;
  spoil.headers = true;
  return spoil_connections(room, spoil, connection);
}

Done loop(World&, Room& room, const Json& body) {
  Milliseconds length{3000};
  Spoil spoil;
  std::optional<std::int64_t> connection;
  Fields fields(body);
  fields.read_seconds("seconds", length);
  fields.read("restamp", spoil.restamp);
  fields.read("connection", connection);
  if (auto problem = fields.problem()) return problem;
  if (length.count() < 1) return Problem{"seconds: more than 0 is wanted"};
  spoil.loop_ms = static_cast<std::uint64_t>(length.count());
  return spoil_connections(room, spoil, connection);
}

Done stall(World& world, Room& room, const Json& body) {
  Milliseconds length{0};
  bool new_too = false;
  Stall stall;
  std::optional<std::int64_t> connection;
  Fields fields(body);
  fields.read_seconds("seconds", length);
  fields.read("lose", stall.lose);
  fields.read("trickle", stall.trickle);
  fields.read("newToo", new_too);
  fields.read("connection", connection);
  if (auto problem = fields.problem()) return problem;
  if (length.count() > 0) stall.until = world.now() + length;
  for (MediaPeer* peer : room.media)
    if (!connection || peer->id() == static_cast<std::uint64_t>(*connection)) peer->stall(stall);
  if (new_too) room.stall = stall;
  return std::nullopt;
}

Done resume(World& world, Room& room, const Json& body) {
  if (auto problem = Fields(body).problem()) return problem;
  room.stall.reset();
  Stall over;
  over.until = world.now();
  for (MediaPeer* peer : room.media) peer->stall(over);
  return std::nullopt;
}

Done message(World& world, Room& room, const Json& body) {
  Chat chat{30'000'001, "观众甲", "你好", world.random.between(1, UINT64_MAX)};
  int count = 1;
  Fields fields(body);
  const Json* raw = fields.member("raw");
  fields.read("text", chat.text);
  fields.read("uid", chat.uid);
  fields.read("name", chat.name);
  fields.read("count", count);
  if (auto problem = fields.problem()) return problem;
  for (int i = 0; i < count; ++i) {
    if (!raw) world.broadcast(room, chat_message(chat, world.wall_now()));
    if (raw) world.broadcast(room, raw->is_string() ? raw->get<std::string>() : dump_json(*raw));
  }
  return std::nullopt;
}

constexpr Milliseconds chat_step{20};

void go_on_chatting(World& world, Room& room, std::uint64_t run) {
  ChatRun& chat = room.chat;
  if (chat.run != run) return;
  const TimePoint now = world.now();
  const double seconds = std::chrono::duration<double>(std::min(now, chat.until) - chat.started).count();
  const auto due = static_cast<std::uint64_t>(seconds * chat.per_second);
  for (; chat.sent < due; ++chat.sent) {
    const std::int64_t sender = static_cast<std::int64_t>(chat.sent % 997);
    const Chat next{30'000'000 + sender, fmt::format("观众{}", sender),
                    fmt::format("弹幕 {} {}", chat.sent, to_ms(world.wall_now())), chat.sent + 1};
    world.broadcast(room, chat_message(next, world.wall_now()));
  }
  chat.active = chat.per_second > 0 && now < chat.until;
  if (chat.active) world.later(chat_step, [&world, &room, run] { go_on_chatting(world, room, run); });
}

Done chat(World& world, Room& room, const Json& body) {
  ChatRun next;
  Milliseconds length{0};
  Fields fields(body);
  fields.read("perSecond", next.per_second);
  fields.read_seconds("seconds", length);
  if (auto problem = fields.problem()) return problem;
  if (next.per_second < 0 || next.per_second > 100'000) return Problem{"perSecond: 0 to 100000 is wanted"};
  next.started = world.now();
  if (length.count() > 0) next.until = next.started + length;
  next.run = room.chat.run + 1;
  room.chat = next;
  go_on_chatting(world, room, next.run);
  return std::nullopt;
}

Done change(World& world, Room& room, const Json& body) {
  Json update = body.is_null() ? Json::object() : body;
  if (!update.is_object()) return Problem{"a JSON object is wanted"};
  update["roomId"] = room.state.info.id;
  if (auto problem = room.state.info.update(update)) return problem;
  const Show* show = room.state.status == LiveStatus::live ? &*room.state.show : nullptr;
  world.broadcast(room, room_change_message(room.state.info, show));
  return std::nullopt;
}

Done warn(World& world, Room& room, const Json& body) {
  std::string text = "图片内容不适宜，请立即调整";
  Fields fields(body);
  fields.read("text", text);
  if (auto problem = fields.problem()) return problem;
  world.broadcast(room, warning_message(room.state.info, text));
  return std::nullopt;
}

Done danmaku(World&, Room& room, const Json& body) {
  std::string what;
  Fields fields(body);
  fields.read("do", what);
  if (auto problem = fields.problem()) return problem;
  const Result<DropKind> kind = drop_kind(what);
  if (!kind && what != "halfOpen") return Problem{"do: reset, close, cut or halfOpen is wanted"};
  const std::set<DanmakuPeer*> peers = room.danmaku;
  for (DanmakuPeer* peer : peers) {
    if (kind) peer->drop(*kind);
    if (!kind) peer->freeze();
  }
  return std::nullopt;
}

Done hls(World& world, Room& room, const Json& body) {
  if (!room.state.show) return Problem{"there was no show yet"};
  return hls_of(room).change(body, *room.state.show, world.now());
}

Done faults(World&, Room& room, const Json& body) { return room.state.faults.add(body); }

}  // namespace

Result<Json> run_command(World& world, Room& room, std::string_view command, const Json& body) {
  using Command = Done (*)(World&, Room&, const Json&);
  static const std::map<std::string_view, Command> commands = {
      {"live", go_live},  {"stop", stop},       {"drop", drop},       {"stall", stall},
      {"resume", resume}, {"message", message}, {"chat", chat},       {"change", change},
      {"warning", warn},  {"cutoff", cut_off},  {"danmaku", danmaku}, {"faults", faults},
      {"damage", damage}, {"headers", headers}, {"loop", loop},       {"hls", hls}};
  const auto at = commands.find(command);
  if (at == commands.end()) return failure(fmt::format("no such command: {}", command));
  if (const auto problem = at->second(world, room, body)) return failure(problem->message);
  return room_report(world, room);
}

Json room_report(World& world, const Room& room) {
  const RoomInfo& info = room.state.info;
  Json json = {{"roomId", info.id},
               {"shortId", info.short_id},
               {"uid", info.uid},
               {"title", info.title},
               {"anchor", info.anchor},
               {"status", room.state.status == LiveStatus::live       ? "live"
                          : room.state.status == LiveStatus::rotation ? "rotation"
                                                                      : "idle"},
               {"show", nullptr}};
  if (room.state.show) {
    const Show& show = *room.state.show;
    json["show"] = {{"liveKey", show.key_text()},
                    {"startedMs", to_ms(show.started)},
                    {"timestampBase", show.timestamp_base},
                    {"pushing", show.pushing(world.now())},
                    {"tagsDue", show.pace == 0 ? 0 : show.due(world.now())},
                    {"loopMs", show.timeline.source().loop_length()},
                    {"sourceTags", show.timeline.source().media().size()}};
  }
  json["danmaku"] = {{"now", room.danmaku.size()},
                     {"total", world.connections.total(info.id, ConnectionKind::danmaku)}};
  json["media"] = {{"now", room.media.size()},
                   {"total", world.connections.total(info.id, ConnectionKind::media)}};
  json["hls"] = {{"requests", room.hls ? room.hls->requests() : 0}};
  json["chat"] = {{"sent", room.chat.sent}, {"active", room.chat.active}};
  Json connections = Json::array();
  for (const ConnectionRecord* record : world.connections.of_room(info.id))
    connections.push_back(to_json(*record));
  json["connections"] = std::move(connections);
  return json;
}

}  // namespace live::simulator
