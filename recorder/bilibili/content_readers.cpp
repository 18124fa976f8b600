// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/content_readers.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "recorder/bilibili/fields.hpp"

namespace live::bilibili {
namespace {

// Times of comments were seconds in 2018 and 2019; a time in milliseconds is above this since 1973.
constexpr std::int64_t least_millisecond_time = 100'000'000'000;

int byte_at(const Json& value, std::string_view path) {
  return static_cast<int>(std::clamp<std::int64_t>(int_at(value, path), 0, 255));
}

std::int64_t amount_at(const Json& value, std::string_view path) {
  return std::max<std::int64_t>(int_at(value, path), 0);
}

// The first that is not empty.
std::string text_of(const Json& value, std::string_view path, std::string_view other) {
  std::string text = text_at(value, path);
  return text.empty() ? text_at(value, other) : text;
}

ContentResult super_chat(const Json& message, bool japanese) {
  const Json& data = json_at(message, "/data");
  SuperChat chat;
  chat.id = int_at(data, "/id");
  if (chat.id == 0) return failure("a super chat without an id");
  chat.uid = int_at(data, "/uid");
  chat.user = text_of(data, "/user_info/uname", "/uinfo/base/name");
  chat.text = text_at(data, "/message");
  chat.translation = text_of(data, "/message_jpn", "/message_trans");
  chat.price = amount_at(data, "/price");
  chat.seconds = amount_at(data, "/time");
  chat.time = amount_at(data, "/start_time");
  chat.guard_level = byte_at(data, "/user_info/guard_level");
  chat.japanese = japanese;
  return MessageContent(std::move(chat));
}

}  // namespace

ContentResult read_danmaku(const Json& message) {
  const Json& info = json_at(message, "/info");
  const Json& text = json_at(info, "/1");
  if (!text.is_string()) return failure("DANMU_MSG without a text");
  Danmaku danmaku;
  danmaku.text = text_at(info, "/1");
  danmaku.mode = byte_at(info, "/0/1");
  danmaku.size = byte_at(info, "/0/2");
  danmaku.color = static_cast<std::uint32_t>(int_at(info, "/0/3") & 0xFFFFFF);
  danmaku.time_ms = amount_at(info, "/0/4");
  if (danmaku.time_ms < least_millisecond_time) danmaku.time_ms *= 1000;
  danmaku.user_hash = text_at(info, "/0/7");
  danmaku.kind = byte_at(info, "/0/12");
  danmaku.uid = int_at(info, "/2/0");
  danmaku.user = text_of(info, "/2/1", "/0/15/user/base/name");
  danmaku.guard_level = byte_at(info, "/7");
  return MessageContent(std::move(danmaku));
}

ContentResult read_mirrored(const Json& message) {
  ContentResult content = read_danmaku(message);
  if (content) std::get<Danmaku>(*content).mirrored = true;
  return content;
}

ContentResult read_gift(const Json& message) {
  const Json& data = json_at(message, "/data");
  Gift gift;
  gift.name = text_at(data, "/giftName");
  if (gift.name.empty()) return failure("SEND_GIFT without a gift");
  gift.gift_id = int_at(data, "/giftId");
  gift.count = amount_at(data, "/num");
  gift.price = amount_at(data, "/price");
  gift.total_coin = amount_at(data, "/total_coin");
  gift.gold = text_at(data, "/coin_type") == "gold";
  gift.id = text_of(data, "/tid", "/rnd");
  gift.time = amount_at(data, "/timestamp");
  gift.box = text_at(data, "/blind_gift/original_gift_name");
  GiftsSent sent;
  sent.uid = int_at(data, "/uid");
  sent.user = text_of(data, "/uname", "/sender_uinfo/base/name");
  sent.guard_level = byte_at(data, "/guard_level");
  sent.shown = bool_at(data, "/switch");
  sent.gifts.push_back(std::move(gift));
  return MessageContent(std::move(sent));
}

ContentResult read_combo(const Json& message) {
  const Json& data = json_at(message, "/data");
  ComboSent combo;
  combo.name = text_at(data, "/gift_name");
  if (combo.name.empty()) return failure("COMBO_SEND without a gift");
  combo.uid = int_at(data, "/uid");
  combo.user = text_at(data, "/uname");
  combo.gift_id = int_at(data, "/gift_id");
  combo.count = std::max(amount_at(data, "/total_num"), amount_at(data, "/combo_num"));
  combo.total_coin = amount_at(data, "/combo_total_coin");
  combo.id = text_of(data, "/batch_combo_id", "/combo_id");
  return MessageContent(std::move(combo));
}

ContentResult read_guard(const Json& message) {
  const Json& data = json_at(message, "/data");
  GuardBought guard;
  guard.level = byte_at(data, "/guard_level");
  if (guard.level == 0) return failure("GUARD_BUY without a level");
  guard.uid = int_at(data, "/uid");
  guard.user = text_at(data, "/username");
  guard.count = amount_at(data, "/num");
  guard.price = amount_at(data, "/price");
  guard.name = text_at(data, "/gift_name");
  guard.time = amount_at(data, "/start_time");
  return MessageContent(std::move(guard));
}

ContentResult read_toast(const Json& message) {
  const Json& data = json_at(message, "/data");
  GuardToast toast;
  toast.level = byte_at(data, "/guard_level");
  if (toast.level == 0) return failure("USER_TOAST_MSG without a level");
  toast.payflow_id = text_at(data, "/payflow_id");
  toast.uid = int_at(data, "/uid");
  toast.user = text_at(data, "/username");
  toast.count = amount_at(data, "/num");
  toast.unit = text_at(data, "/unit");
  toast.price = amount_at(data, "/price");
  toast.name = text_at(data, "/role_name");
  toast.text = text_at(data, "/toast_msg");
  return MessageContent(std::move(toast));
}

ContentResult read_toast_v2(const Json& message) {
  constexpr std::int64_t source_gifted = 2;
  const Json& data = json_at(message, "/data");
  GuardToast toast;
  toast.level = byte_at(data, "/guard_info/guard_level");
  if (toast.level == 0) return failure("USER_TOAST_MSG_V2 without a level");
  toast.payflow_id = text_at(data, "/pay_info/payflow_id");
  toast.uid = int_at(data, "/sender_uinfo/uid");
  toast.user = text_at(data, "/sender_uinfo/base/name");
  toast.count = amount_at(data, "/pay_info/num");
  toast.unit = text_at(data, "/pay_info/unit");
  toast.price = amount_at(data, "/pay_info/price");
  toast.name = text_at(data, "/guard_info/role_name");
  toast.text = text_at(data, "/toast_msg");
  toast.gifted = int_at(data, "/option/source") == source_gifted;
  return MessageContent(std::move(toast));
}

ContentResult read_super_chat(const Json& message) { return super_chat(message, false); }
ContentResult read_super_chat_jpn(const Json& message) { return super_chat(message, true); }

ContentResult read_deletion(const Json& message) {
  const Json& ids = json_at(message, "/data/ids");
  SuperChatsDeleted deleted;
  for (std::size_t i = 0; ids.is_array() && i < std::min(ids.size(), max_deleted_per_message); ++i) {
    if (const std::optional<std::int64_t> id = json_int(ids[i])) deleted.ids.push_back(*id);
  }
  if (deleted.ids.empty()) return failure("SUPER_CHAT_MESSAGE_DELETE without ids");
  return MessageContent(std::move(deleted));
}

ContentResult read_interaction(const Json& message) {
  const Json& data = json_at(message, "/data");
  Interaction interaction;
  interaction.kind = byte_at(data, "/msg_type");
  if (interaction.kind == 0) return failure("INTERACT_WORD without a kind");
  interaction.uid = int_at(data, "/uid");
  interaction.user = text_at(data, "/uname");
  interaction.time = amount_at(data, "/timestamp");
  return MessageContent(std::move(interaction));
}

ContentResult read_recall(const Json& message) {
  DanmakuRecalled recalled{text_at(message, "/data/target_id")};
  if (recalled.target.empty()) return failure("RECALL_DANMU_MSG without a target");
  return MessageContent(std::move(recalled));
}

}  // namespace live::bilibili
