// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/command.hpp"

#include <algorithm>
#include <array>

namespace live::bilibili {
namespace {

constexpr auto known_commands = std::to_array<std::string_view>({
    "ACTIVITY_BANNER_UPDATE_V2",
    "ANCHOR_LOT_AWARD",
    "ANCHOR_LOT_CHECKSTATUS",
    "ANCHOR_LOT_END",
    "ANCHOR_LOT_START",
    "CHANGE_ROOM_INFO",
    "COMBO_SEND",
    "COMMON_NOTICE_DANMAKU",
    "CUT_OFF",
    "CUT_OFF_V2",
    "DANMU_MSG",
    "DANMU_MSG_MIRROR",
    "DM_INTERACTION",
    "ENTRY_EFFECT",
    "GIFT_STAR_PROCESS",
    "GOTO_BUY_FLOW",
    "GUARD_BUY",
    "INTERACT_WORD",
    "INTERACT_WORD_V2",
    "LIKE_INFO_V3_CLICK",
    "LIKE_INFO_V3_UPDATE",
    "LIVE",
    "LIVE_INTERACTIVE_GAME",
    "LOG_IN_NOTICE",
    "NOTICE_MSG",
    "ONLINE_RANK_COUNT",
    "ONLINE_RANK_TOP3",
    "ONLINE_RANK_V2",
    "ONLINE_RANK_V3",
    "PLAYURL_RELOAD",
    "POPULARITY_RED_POCKET_NEW",
    "POPULARITY_RED_POCKET_START",
    "POPULARITY_RED_POCKET_WINNER_LIST",
    "POPULAR_RANK_CHANGED",
    "PREPARING",
    "RECALL_DANMU_MSG",
    "REENTER_LIVE_ROOM",
    "ROOM_ADMINS",
    "ROOM_BLOCK_MSG",
    "ROOM_CHANGE",
    "ROOM_LIMIT",
    "ROOM_LOCK",
    "ROOM_REAL_TIME_MESSAGE_UPDATE",
    "ROOM_SILENT_OFF",
    "ROOM_SILENT_ON",
    "ROOM_SKIN_MSG",
    "SEND_GIFT",
    "SEND_GIFT_V2",
    "SPECIAL_GIFT",
    "STOP_LIVE_ROOM_LIST",
    "SUPER_CHAT_MESSAGE",
    "SUPER_CHAT_MESSAGE_DELETE",
    "SUPER_CHAT_MESSAGE_JPN",
    "SYS_MSG",
    "UNIVERSAL_EVENT_GIFT",
    "UNIVERSAL_EVENT_GIFT_V2",
    "USER_TOAST_MSG",
    "USER_TOAST_MSG_V2",
    "VIDEO_CONNECTION_MSG",
    "VOICE_JOIN_SWITCH",
    "WARNING",
    "WATCHED_CHANGE",
    "WELCOME",
    "master_qn_strategy_chg",
    "room_admin_entrance",
});
static_assert(std::is_sorted(known_commands.begin(), known_commands.end()));

// Walks over the members of the outermost object; nothing is copied or checked beyond what the walk needs.
class TopLevel {
 public:
  explicit TopLevel(std::string_view text) : text_(text) {}

  std::optional<std::string_view> find(std::string_view name) {
    if (!take('{')) return std::nullopt;
    do {
      const std::optional<std::string_view> key = string();
      if (!key || !take(':')) return std::nullopt;
      if (*key == name) return string();
      if (!skip_value()) return std::nullopt;
    } while (take(','));
    return std::nullopt;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool take(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  // What is between the quotes, escapes as they are.
  std::optional<std::string_view> string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return std::nullopt;
    ++at_;
    return text_.substr(begin, at_ - 1 - begin);
  }

  bool skip_value() {
    skip_space();
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return false;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (depth == 0 && (c == ',' || c == '}')) return true;
      if (c == '}' || c == ']') {
        if (depth == 0) return false;
        --depth;
      }
      ++at_;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> peek_command(std::string_view json) {
  const std::optional<std::string_view> command = TopLevel(json).find("cmd");
  if (!command || command->find('\\') != std::string_view::npos) return std::nullopt;
  return command->substr(0, command->find(':'));
}

bool is_known_command(std::string_view command) {
  return std::binary_search(known_commands.begin(), known_commands.end(), command);
}

std::string_view viewer_command_kind(std::string_view command) {
  constexpr auto kinds = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"DANMU_MSG", "danmaku"},
      {"INTERACT_WORD", "interaction"},
      {"INTERACT_WORD_V2", "interaction"},
      {"SEND_GIFT", "gift"},
      {"SEND_GIFT_V2", "gift"},
      {"COMBO_SEND", "combo"},
      {"DANMU_MSG_MIRROR", "danmaku"},
      {"GUARD_BUY", "guard"},
      {"RECALL_DANMU_MSG", "deletion"},
      {"SUPER_CHAT_MESSAGE", "super_chat"},
      {"SUPER_CHAT_MESSAGE_DELETE", "deletion"},
      {"SUPER_CHAT_MESSAGE_JPN", "super_chat"},
      {"USER_TOAST_MSG", "guard"},
      {"USER_TOAST_MSG_V2", "guard"},
  });
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [command](const auto& one) { return one.first == command; });
  return found == kinds.end() ? std::string_view() : found->second;
}

}  // namespace live::bilibili
