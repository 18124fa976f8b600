// SPDX-License-Identifier: Apache-2.0
#include "simulator/messages.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "simulator/text.hpp"

namespace live::simulator {

std::string live_message(const RoomInfo& info, const Show& show, bool first) {
  Json message = {{"cmd", "LIVE"},
                  {"live_key", show.key_text()},
                  {"voice_background", ""},
                  {"sub_session_key", show.sub_session_key()},
                  {"live_platform", "pc_link"},
                  {"live_model", 0},
                  {"roomid", info.id},
                  {"special_types", info.all_special_types}};
  if (first) message["live_time"] = to_seconds(show.started);
  return dump_json(message);
}

std::string preparing_message(const RoomInfo& info, bool rotation, WallTime now) {
  Json message = {{"cmd", "PREPARING"},
                  {"msg_id", fmt::format("{}:1000:1000", to_ms(now))},
                  {"p_is_ack", true},
                  {"p_msg_type", 1},
                  {"roomid", std::to_string(info.id)},
                  {"send_time", to_ms(now)}};
  if (rotation) message["round"] = 1;
  return dump_json(message);
}

std::string room_change_message(const RoomInfo& info, const Show* show) {
  const Json data = {{"title", info.title},
                     {"area_id", info.area.id},
                     {"parent_area_id", info.area.parent_id},
                     {"area_name", info.area.name},
                     {"parent_area_name", info.area.parent_name},
                     {"live_key", show ? show->key_text() : "0"},
                     {"sub_session_key", show ? show->sub_session_key() : "0sub_time:0"}};
  return dump_json({{"cmd", "ROOM_CHANGE"}, {"data", data}});
}

std::string chat_message(const Chat& chat, WallTime now) {
  const std::string uid = std::to_string(chat.uid);
  const auto hash = static_cast<std::uint32_t>(crc32(0, as_bytes(uid).data(), static_cast<uInt>(uid.size())));
  const Json extra = {{"send_from_me", false},
                      {"mode", 0},
                      {"color", 16777215},
                      {"dm_type", 0},
                      {"font_size", 25},
                      {"player_mode", 1},
                      {"show_player_type", 0},
                      {"content", chat.text},
                      {"user_hash", std::to_string(hash)},
                      {"emoticon_unique", ""},
                      {"emots", nullptr},
                      {"id_str", fmt::format("{:032x}", chat.id)},
                      {"is_mirror", false}};
  const Json user = {{"base", {{"face", ""}, {"is_mystery", false}, {"name", chat.name}, {"name_color", 0}}},
                     {"guard", nullptr},
                     {"medal", nullptr},
                     {"title", {{"old_title_css_id", ""}, {"title_css_id", ""}}},
                     {"uid", chat.uid},
                     {"wealth", nullptr}};
  const Json details = {{"extra", dump_json(extra)}, {"mode", 0}, {"show_player_type", 0}, {"user", user}};
  const Json activity = {{"activity_identity", ""}, {"activity_source", 0}, {"not_show", 0}};
  const Json head =
      Json::array({0, 1, 25, 16777215, to_ms(now), to_seconds(now), 0, fmt::format("{:08x}", hash), 0, 0, 0,
                   "", 0, "{}", "{}", details, activity, 0});
  const Json sender = Json::array({chat.uid, chat.name, 0, 0, 0, 10000, 1, ""});
  const Json level = Json::array({0, 0, 9868950, ">50000", 2});
  const Json stamp = {{"ct", "5814F6B"}, {"ts", to_seconds(now)}};
  const Json info = Json::array({head, chat.text, sender, Json::array(), level, Json::array({"", ""}), 0, 0,
                                 nullptr, stamp, 0, 0, nullptr, nullptr, 0, 208, Json::array({7}), nullptr});
  return dump_json({{"cmd", "DANMU_MSG"}, {"dm_v2", ""}, {"info", info}});
}

std::string warning_message(const RoomInfo& info, const std::string& text) {
  return dump_json({{"cmd", "WARNING"}, {"msg", text}, {"roomid", info.id}});
}

std::string cut_off_message(const RoomInfo& info, const std::string& text) {
  return dump_json({{"cmd", "CUT_OFF"}, {"msg", text}, {"roomid", info.id}});
}

std::string log_in_notice() {
  return dump_json(
      {{"cmd", "LOG_IN_NOTICE"},
       {"data",
        {{"notice_msg", "为保护用户隐私，未登录无法查看他人昵称"}, {"image_web", ""}, {"image_app", ""}}}});
}

}  // namespace live::simulator
