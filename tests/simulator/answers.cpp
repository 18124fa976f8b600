// SPDX-License-Identifier: Apache-2.0
#include "simulator/answers.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "simulator/text.hpp"

namespace live::simulator {
namespace {

constexpr std::int64_t year_zero = -62170012800;  // what the site writes when nobody is live
constexpr const char* no_time = "0000-00-00 00:00:00";

Json old_envelope(int code, const std::string& message, Json data) {
  return {{"code", code}, {"msg", message}, {"message", message}, {"data", std::move(data)}};
}

int number(LiveStatus status) { return static_cast<int>(status); }

std::string start_text(const RoomState& room, TimePoint now) {
  return room.live_seconds(now) == 0 ? no_time : site_time(room.show->started);
}

}  // namespace

Json envelope(int code, const std::string& message, Json data) {
  return {{"code", code}, {"message", message}, {"ttl", 1}, {"data", std::move(data)}};
}

Json risk_control(const std::string& voucher) {
  return envelope(-352, "风控校验失败", {{"v_voucher", voucher}});
}

Json room_init_answer(const RoomState* room, TimePoint now) {
  if (!room) return old_envelope(60004, "房间不存在", Json::array());
  const RoomInfo& info = room->info;
  const std::int64_t start = room->live_seconds(now);
  return old_envelope(0, "ok",
                      {{"room_id", info.id},
                       {"short_id", info.short_id},
                       {"uid", info.uid},
                       {"need_p2p", 0},
                       {"is_hidden", info.hidden},
                       {"is_locked", info.locked},
                       {"is_portrait", info.portrait},
                       {"live_status", number(room->shown_status(now))},
                       {"hidden_till", info.hidden_till},
                       {"lock_till", info.lock_till},
                       {"encrypted", info.encrypted},
                       {"pwd_verified", false},
                       {"live_time", start == 0 ? year_zero : start},
                       {"room_shield", 1},
                       {"is_sp", info.special_type == 1 ? 1 : 0},
                       {"special_type", info.special_type}});
}

Json get_info_answer(const RoomState* room, TimePoint now) {
  if (!room) return old_envelope(1, "未找到该房间", Json::array());
  const RoomInfo& info = room->info;
  return old_envelope(0, "ok",
                      {{"uid", info.uid},
                       {"room_id", info.id},
                       {"short_id", info.short_id},
                       {"attention", 1000},
                       {"online", 0},
                       {"is_portrait", info.portrait},
                       {"description", info.description},
                       {"live_status", number(room->shown_status(now))},
                       {"area_id", info.area.id},
                       {"parent_area_id", info.area.parent_id},
                       {"parent_area_name", info.area.parent_name},
                       {"old_area_id", 6},
                       {"background", ""},
                       {"title", info.title},
                       {"user_cover", info.cover},
                       {"keyframe", ""},
                       {"is_strict_room", false},
                       {"live_time", start_text(*room, now)},
                       {"tags", info.tags},
                       {"is_anchor", 0},
                       {"room_silent_type", ""},
                       {"room_silent_level", 0},
                       {"room_silent_second", 0},
                       {"area_name", info.area.name},
                       {"pendants", ""},
                       {"area_pendants", ""},
                       {"hot_words", {"2333333", "打call"}},
                       {"hot_words_status", 0},
                       {"verify", ""},
                       {"new_pendants", Json::object()},
                       {"up_session", room->live_seconds(now) == 0 ? "" : room->show->key_text()},
                       {"pk_status", 0},
                       {"pk_id", 0},
                       {"battle_id", 0},
                       {"allow_change_area_time", 0},
                       {"allow_upload_cover_time", 0},
                       {"studio_info", {{"status", 0}, {"master_list", Json::array()}}}});
}

Json info_by_room_answer(const RoomState* room, TimePoint now) {
  if (!room) return envelope(19002000, "获取初始化数据失败", nullptr);
  if (room->info.encrypted) return envelope(19002005, "房间已加密", nullptr);
  const RoomInfo& info = room->info;
  const std::int64_t start = room->live_seconds(now);
  Json room_info = {{"uid", info.uid},
                    {"room_id", info.id},
                    {"short_id", info.short_id},
                    {"title", info.title},
                    {"cover", info.cover},
                    {"tags", info.tags},
                    {"background", ""},
                    {"description", info.description},
                    {"live_status", number(room->shown_status(now))},
                    {"live_start_time", start},
                    {"live_screen_type", info.portrait ? 1 : 0},
                    {"lock_status", info.locked ? 1 : 0},
                    {"lock_time", info.lock_till},
                    {"hidden_status", info.hidden ? 1 : 0},
                    {"hidden_time", info.hidden_till},
                    {"area_id", info.area.id},
                    {"area_name", info.area.name},
                    {"parent_area_id", info.area.parent_id},
                    {"parent_area_name", info.area.parent_name},
                    {"keyframe", ""},
                    {"special_type", info.special_type},
                    {"up_session", start == 0 ? "" : room->show->key_text()},
                    {"pk_status", 0},
                    {"is_studio", false},
                    {"online", 0}};
  Json base = {{"uname", info.anchor},
               {"face", ""},
               {"gender", "保密"},
               {"official_info", {{"role", 0}, {"title", ""}, {"desc", ""}}}};
  return envelope(0, "0",
                  {{"room_info", std::move(room_info)}, {"anchor_info", {{"base_info", std::move(base)}}}});
}

Json base_info_answer(const std::vector<const RoomState*>& rooms, TimePoint now) {
  Json by_room_ids = Json::object();
  for (const RoomState* room : rooms) {
    const RoomInfo& info = room->info;
    if (info.hidden) continue;
    const bool live = room->live_seconds(now) != 0;
    const std::uint64_t show = live ? room->show->key : 0;
    by_room_ids[std::to_string(info.id)] = {
        {"room_id", info.id},
        {"uid", info.uid},
        {"area_id", info.area.id},
        {"live_status", number(room->shown_status(now))},
        {"live_url", fmt::format("https://live.bilibili.com/{}", info.id)},
        {"parent_area_id", info.area.parent_id},
        {"title", info.title},
        {"parent_area_name", info.area.parent_name},
        {"area_name", info.area.name},
        {"live_time", start_text(*room, now)},
        {"description", info.description},
        {"tags", info.tags},
        {"attention", 1000},
        {"online", 0},
        {"short_id", info.short_id},
        {"uname", info.anchor},
        {"cover", info.cover},
        {"background", ""},
        {"join_slide", 1},
        {"live_id", show},
        {"live_id_str", std::to_string(show)}};
  }
  return envelope(0, "0", {{"by_uids", Json::object()}, {"by_room_ids", std::move(by_room_ids)}});
}

Json anchor_answer(const RoomState* room) {
  if (!room) return old_envelope(0, "success", Json::array());
  Json info = {{"uid", room->info.uid},
               {"uname", room->info.anchor},
               {"face", ""},
               {"rank", "10000"},
               {"platform_user_level", 6},
               {"mobile_verify", 1},
               {"identification", 1},
               {"official_verify", {{"type", -1}, {"desc", ""}, {"role", 0}}},
               {"vip_type", 0},
               {"gender", -1}};
  Json level = {
      {"uid", room->info.uid}, {"user_level", 30}, {"master_level", {{"level", 20}, {"sort", ">10000"}}}};
  return old_envelope(0, "success", {{"info", std::move(info)}, {"level", std::move(level)}, {"san", 12}});
}

Json nav_answer(const WbiKeys& keys, bool logged_in, std::int64_t account) {
  const auto url = [](const std::string& key) { return "https://i0.hdslb.com/bfs/wbi/" + key + ".png"; };
  Json data = {{"isLogin", logged_in},
               {"wbi_img", {{"img_url", url(keys.image)}, {"sub_url", url(keys.sub)}}}};
  if (!logged_in) return envelope(-101, "账号未登录", std::move(data));
  data["mid"] = account;
  data["uname"] = "测试用户";
  return envelope(0, "0", std::move(data));
}

Json spi_answer(const std::string& buvid3, const std::string& buvid4) {
  return {{"code", 0}, {"data", {{"b_3", buvid3}, {"b_4", buvid4}}}, {"message", "ok"}};
}

Json danmu_info_answer(const std::string& token, const std::vector<PublicHost>& hosts) {
  Json list = Json::array();
  for (const PublicHost& host : hosts)
    list.push_back(
        {{"host", host.name}, {"port", 2243}, {"wss_port", host.https_port}, {"ws_port", host.http_port}});
  return envelope(0, "0",
                  {{"group", "live"},
                   {"business_id", 0},
                   {"refresh_row_factor", 0.125},
                   {"refresh_rate", 100},
                   {"max_delay", 5000},
                   {"token", token},
                   {"host_list", std::move(list)}});
}

}  // namespace live::simulator
