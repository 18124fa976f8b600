// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/message.hpp"

#include <algorithm>
#include <array>

#include "base/json.hpp"
#include "recorder/bilibili/command.hpp"
#include "recorder/bilibili/content_readers.hpp"
#include "recorder/bilibili/fields.hpp"

namespace live::bilibili {
namespace {

constexpr std::int64_t paid_room = 1;

using Content = ContentResult;
using Reader = Content (*)(const Json& message);

Content read_live(const Json& message) {
  LiveStarted live;
  live.live_key = text_at(message, "/live_key");
  if (live.live_key == "0") live.live_key.clear();
  const std::int64_t time = int_at(message, "/live_time");
  if (time > 0) live.live_time = time;
  live.paid = int_at(message, "/special_type") == paid_room;
  const Json& types = json_at(message, "/special_types");
  for (std::size_t i = 0; types.is_array() && i < types.size(); ++i) {
    live.paid = live.paid || json_int(types[i]) == paid_room;
  }
  return MessageContent(std::move(live));
}

Content read_preparing(const Json& message) { return MessageContent(Preparing{bool_at(message, "/round")}); }

Content read_cut_off(const Json& message) { return MessageContent(CutOff{text_at(message, "/msg")}); }

Content read_cut_off_v2(const Json& message) {
  CutOff cut;
  const Json& lines = json_at(message, "/data/cut_off_data/cut_off_message_list");
  for (std::size_t i = 0; lines.is_array() && i < lines.size() && cut.text.size() < max_text_bytes; ++i) {
    const std::string content = text_at(lines[i], "/content");
    if (content.empty()) continue;
    const std::string label = text_at(lines[i], "/label");
    if (!cut.text.empty()) cut.text += "; ";
    cut.text += label.empty() ? content : label + ": " + content;
  }
  if (cut.text.empty()) cut.text = text_at(message, "/data/cut_off_data/cut_off_title");
  return MessageContent(std::move(cut));
}

Content read_lock(const Json& message) { return MessageContent(RoomLocked{text_at(message, "/expire")}); }

Content read_limit(const Json& message) { return MessageContent(RoomLimited{text_at(message, "/type")}); }

Content read_change(const Json& message) {
  const Json& data = json_at(message, "/data");
  if (!data.is_object()) return failure("ROOM_CHANGE without data");
  RoomChanged change;
  change.title = text_at(data, "/title");
  change.area = text_at(data, "/area_name");
  change.parent_area = text_at(data, "/parent_area_name");
  change.live_key = text_at(data, "/live_key");
  if (change.live_key == "0") change.live_key.clear();
  return MessageContent(std::move(change));
}

Content read_warning(const Json& message) { return MessageContent(Warning{text_at(message, "/msg")}); }

Content read_reload(const Json& message) {
  return MessageContent(PlayUrlReload{int_at(message, "/data/reload_option/scatter")});
}

Content read_reenter(const Json& message) {
  return MessageContent(ReenterRoom{int_at(message, "/data/request_random_sec_range")});
}

Reader reader_of(std::string_view command) {
  constexpr auto readers = std::to_array<std::pair<std::string_view, Reader>>({
      {"DANMU_MSG", read_danmaku},
      {"INTERACT_WORD", read_interaction},
      {"INTERACT_WORD_V2", read_interaction_v2},
      {"SEND_GIFT", read_gift},
      {"SEND_GIFT_V2", read_gifts_v2},
      {"LIVE", read_live},
      {"PREPARING", read_preparing},
      {"ROOM_CHANGE", read_change},
      {"CUT_OFF", read_cut_off},
      {"CUT_OFF_V2", read_cut_off_v2},
      {"ROOM_LOCK", read_lock},
      {"ROOM_LIMIT", read_limit},
      {"WARNING", read_warning},
      {"PLAYURL_RELOAD", read_reload},
      {"REENTER_LIVE_ROOM", read_reenter},
      {"DANMU_MSG_MIRROR", read_mirrored},
      {"COMBO_SEND", read_combo},
      {"GUARD_BUY", read_guard},
      {"USER_TOAST_MSG", read_toast},
      {"USER_TOAST_MSG_V2", read_toast_v2},
      {"SUPER_CHAT_MESSAGE", read_super_chat},
      {"SUPER_CHAT_MESSAGE_JPN", read_super_chat_jpn},
      {"SUPER_CHAT_MESSAGE_DELETE", read_deletion},
      {"RECALL_DANMU_MSG", read_recall},
  });
  const auto found = std::find_if(readers.begin(), readers.end(),
                                  [command](const auto& entry) { return entry.first == command; });
  return found == readers.end() ? nullptr : found->second;
}

std::int64_t room_of(const Json& message) {
  for (const std::string_view path : {"/roomid", "/data/roomid", "/data/room_id"}) {
    if (const std::int64_t id = int_at(message, path); id > 0) return id;
  }
  return 0;
}

}  // namespace

bool is_from_viewers(const MessageContent& content) {
  return std::holds_alternative<Danmaku>(content) || std::holds_alternative<GiftsSent>(content) ||
         std::holds_alternative<ComboSent>(content) || std::holds_alternative<GuardBought>(content) ||
         std::holds_alternative<GuardToast>(content) || std::holds_alternative<SuperChat>(content) ||
         std::holds_alternative<SuperChatsDeleted>(content) || std::holds_alternative<Interaction>(content) ||
         std::holds_alternative<DanmakuRecalled>(content) || std::holds_alternative<UnreadChat>(content);
}

Result<Message> parse_message(std::string_view json, Chat chat) {
  const std::optional<std::string_view> peeked = peek_command(json);
  if (peeked && chat == Chat::skip && !viewer_command_kind(*peeked).empty()) {
    return Message{std::string(*peeked), 0, UnreadChat{}};
  }
  if (peeked && !reader_of(*peeked)) {
    return Message{std::string(*peeked), 0, OtherMessage{is_known_command(*peeked)}};
  }
  const Json root = parse_json(json);
  if (!root.is_object()) return failure("a message that is not a JSON object");
  const Json& field = json_at(root, "/cmd");
  if (!field.is_string()) return failure("a message without a command");
  std::string command = field.get<std::string>();
  command.resize(std::min(command.size(), command.find(':')));
  const Reader reader = reader_of(command);
  if (!reader) {
    const bool known = is_known_command(command);
    return Message{std::move(command), 0, OtherMessage{known}};
  }
  Content content = reader(root);
  if (!content) return failure(content.error().message);
  return Message{std::move(command), room_of(root), *std::move(content)};
}

}  // namespace live::bilibili
