// SPDX-License-Identifier: Apache-2.0
// Messages of the danmaku socket (operation 5): JSON by its "cmd". No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "recorder/bilibili/content.hpp"

namespace live::bilibili {

// Sent when the streamer presses start (then with a time), when the first picture arrives and at every new
// push in the same broadcast (then without).
struct LiveStarted {
  std::string live_key;                   // one broadcast; empty in the oldest form
  std::optional<std::int64_t> live_time;  // unix seconds
  bool paid = false;                      // special_type 1: a paid room
  bool operator==(const LiveStarted&) const = default;
};
struct Preparing {
  bool round = false;  // goes over to replaying old recordings, which is not live
  bool operator==(const Preparing&) const = default;
};
// CUT_OFF and CUT_OFF_V2: moderators ended the broadcast.
struct CutOff {
  std::string text;
  bool operator==(const CutOff&) const = default;
};
struct RoomLocked {
  std::string until;  // as it was sent, a local date or empty
  bool operator==(const RoomLocked&) const = default;
};
struct RoomLimited {
  std::string type;  // e.g. "copyright_area"
  bool operator==(const RoomLimited&) const = default;
};
struct RoomChanged {
  std::string title;
  std::string area;
  std::string parent_area;
  std::string live_key;  // empty when not live
  bool operator==(const RoomChanged&) const = default;
};
struct Warning {
  std::string text;
  bool operator==(const Warning&) const = default;
};
// The set of streams changed: a new play-info is worth asking for within `scatter_ms`.
struct PlayUrlReload {
  std::int64_t scatter_ms = 0;
  bool operator==(const PlayUrlReload&) const = default;
};
// The server wants clients to come back in anew.
struct ReenterRoom {
  std::int64_t spread_seconds = 0;
  bool operator==(const ReenterRoom&) const = default;
};
// What a viewer did, when nobody asked to have it read.
struct UnreadChat {
  bool operator==(const UnreadChat&) const = default;
};
// A command whose content isn't taken.
struct OtherMessage {
  bool known = false;  // its name is in the list of commands that are understood to be of no interest
  bool operator==(const OtherMessage&) const = default;
};

using MessageContent =
    std::variant<LiveStarted, Preparing, CutOff, RoomLocked, RoomLimited, RoomChanged, Warning, PlayUrlReload,
                 ReenterRoom, Danmaku, GiftsSent, ComboSent, GuardBought, GuardToast, SuperChat,
                 SuperChatsDeleted, Interaction, DanmakuRecalled, UnreadChat, OtherMessage>;

// What viewers do, as against what is about the room.
bool is_from_viewers(const MessageContent& content);

struct Message {
  std::string command;       // without the suffix after ':'
  std::int64_t room_id = 0;  // 0 where the message doesn't name its room
  MessageContent content;
};

// Reading a viewer's message costs about a third of what an idle room costs at all, and nobody needs it
// while no danmaku file is open.
enum class Chat : bool { skip, read };

// `json`: the body of a packet. The problem: not JSON, no command, or content of a known command that lacks
// what it is for. Unknown commands are no problem.
Result<Message> parse_message(std::string_view json, Chat chat = Chat::read);

}  // namespace live::bilibili
