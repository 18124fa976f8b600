// SPDX-License-Identifier: Apache-2.0
// Captured answers, messages and frames: each decodes to what its description says.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/file_text.hpp"
#include "base/json.hpp"
#include "recorder/bilibili/command.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/bilibili/packet.hpp"
#include "recorder/bilibili/play_url.hpp"
#include "recorder/bilibili/replies.hpp"

namespace live::bilibili {
namespace {

const std::string folder = std::string(LIVE_SHARED_DATA) + "/bilibili/";

std::string text(const std::string& name) { return *read_file(folder + name); }
std::string api(const std::string& name) { return text("api/" + name + ".json"); }

std::vector<std::string> lines(const std::string& name) {
  std::ifstream file(folder + "messages/" + name);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) all.push_back(line);
  }
  if (all.empty()) throw std::runtime_error("no samples in " + name);
  return all;
}

Message message(const std::string& json) {
  Result<Message> read = parse_message(json);
  if (!read) throw std::runtime_error(read.error().message + ": " + json);
  return *std::move(read);
}

template <class T>
T content(const std::string& json) {
  return std::get<T>(message(json).content);
}

// The innermost packets of a description.
void flatten(const Json& packets, std::vector<Json>& into) {
  for (const Json& one : packets) {
    if (one.contains("packets")) {
      flatten(one["packets"], into);
    } else {
      into.push_back(one);
    }
  }
}

TEST(SamplesTest, FramesDecodeToTheirDescription) {
  const Json expected = parse_json(text("packets/expected.json"));
  ASSERT_EQ(expected.size(), 11u);
  for (const auto& [name, description] : expected.items()) {
    SCOPED_TRACE(name);
    const std::string frame = text("packets/" + name);
    const DecodedFrame decoded = decode_frame(as_bytes(frame));
    std::vector<Json> packets;
    flatten(description["packets"], packets);
    EXPECT_FALSE(decoded.damage.any());
    ASSERT_EQ(decoded.packets.size(), packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const Packet& read = decoded.packets[i];
      EXPECT_EQ(static_cast<std::uint32_t>(read.operation), packets[i]["operation"].get<std::uint32_t>());
      EXPECT_EQ(static_cast<std::uint16_t>(read.version), packets[i]["version"].get<std::uint16_t>());
      EXPECT_EQ(read.sequence, packets[i]["sequence"].get<std::uint32_t>());
      EXPECT_EQ(read.body.size() + 16, packets[i]["total_length"].get<std::size_t>());
      if (packets[i].contains("body")) {
        EXPECT_EQ(parse_json(as_text(read.body)), packets[i]["body"]);
      }
      if (packets[i].contains("popularity")) {
        EXPECT_EQ(load_u32(read.body.data()), packets[i]["popularity"].get<std::uint32_t>());
      }
    }
  }
}

TEST(SamplesTest, OurClientPacketsAreTheirs) {
  EXPECT_EQ(as_text(encode_packet(Operation::heartbeat, "[object Object]")),
            text("packets/heartbeat-request-object.bin"));
}

TEST(SamplesTest, EveryMessageIsReadAndItsCommandKnown) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "messages")) {
    for (const std::string& line : lines(entry.path().filename().string())) {
      SCOPED_TRACE(line.substr(0, 200));
      ++count;
      const std::string command = parse_json(line)["cmd"].get<std::string>();
      EXPECT_EQ(peek_command(line), command.substr(0, command.find(':')));
      EXPECT_EQ(message(line).command, command.substr(0, command.find(':')));
      EXPECT_TRUE(is_known_command(message(line).command));
    }
  }
  EXPECT_EQ(count, 75u);
}

TEST(SamplesTest, RoomStateMessages) {
  const std::vector<std::string> all = lines("ROOM_STATE.jsonl");
  ASSERT_EQ(all.size(), 25u);
  const auto line = [&all](std::size_t number) { return all.at(number - 1); };
  EXPECT_EQ(content<LiveStarted>(line(1)), LiveStarted());
  EXPECT_EQ(message(line(1)).room_id, 21427);
  EXPECT_EQ(content<LiveStarted>(line(2)), (LiveStarted{"234304209915761953", 1651036923, false}));
  EXPECT_EQ(content<LiveStarted>(line(3)), (LiveStarted{"693870340542020839", 1775986526, false}));
  EXPECT_EQ(message(line(3)).room_id, 7919709);
  EXPECT_EQ(content<Preparing>(line(4)), Preparing{true});
  EXPECT_EQ(message(line(4)).room_id, 36648);
  EXPECT_EQ(content<Preparing>(line(5)), Preparing{false});
  EXPECT_EQ(content<Preparing>(line(6)), Preparing{true});
  EXPECT_EQ(content<Preparing>(line(7)), Preparing{false});
  EXPECT_EQ(content<RoomChanged>(line(8)), (RoomChanged{"【云山】是VIEW呀~", "视频聊天", "娱乐", ""}));
  EXPECT_EQ(content<RoomChanged>(line(9)).live_key, "320830629635915849");
  EXPECT_EQ(content<CutOff>(line(10)), CutOff{"违反直播规范"});
  EXPECT_EQ(content<CutOff>(line(11)), CutOff{"违反直播言论规范，请立即调整"});
  EXPECT_TRUE(content<CutOff>(line(12)).text.starts_with("处罚结果: 切断本场直播; 违规原因: "));
  EXPECT_EQ(content<RoomLocked>(line(13)), RoomLocked{"2019-06-30 03:57:04"});
  EXPECT_EQ(content<RoomLimited>(line(14)), RoomLimited{"copyright_area"});
  EXPECT_EQ(content<Warning>(line(15)), Warning{"图片内容不适宜，请立即调整"});
  EXPECT_EQ(content<Warning>(line(16)), Warning{"虚拟形象不适宜，请立即调整"});
  EXPECT_EQ(content<PlayUrlReload>(line(17)), PlayUrlReload{3000});
  EXPECT_EQ(content<ReenterRoom>(line(18)), ReenterRoom{10});
  for (std::size_t number = 19; number <= 25; ++number) {
    EXPECT_EQ(content<OtherMessage>(line(number)), OtherMessage{true}) << number;
  }
}

TEST(SamplesTest, Comments) {
  const std::vector<std::string> all = lines("DANMU_MSG.jsonl");
  ASSERT_EQ(all.size(), 5u);
  for (const std::string& line : all) {
    SCOPED_TRACE(line.substr(0, 200));
    const Danmaku comment = content<Danmaku>(line);
    const Json info = parse_json(line)["info"];
    EXPECT_EQ(comment.text, info[1].get<std::string>());
    EXPECT_EQ(comment.user, info[2][1].get<std::string>());
    EXPECT_EQ(comment.uid, json_int(info[2][0]));
    const std::string uid = std::to_string(comment.uid);
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(uid.data()), static_cast<uInt>(uid.size()));
    EXPECT_EQ(comment.user_hash, fmt::format("{:08x}", crc));
    EXPECT_GT(comment.time_ms, 1'500'000'000'000);
    EXPECT_LT(comment.time_ms, 1'800'000'000'000);
    EXPECT_EQ(comment.mode, 1);
    EXPECT_EQ(comment.kind, 0);
  }
  const std::string frame = text("packets/message-plain-DANMU_MSG-emoticon.bin");
  const Danmaku picture =
      content<Danmaku>(std::string(as_text(decode_frame(as_bytes(frame)).packets.at(0).body)));
  EXPECT_EQ(picture.kind, 1);
  EXPECT_EQ(picture.text, "what");
}

TEST(SamplesTest, Gifts) {
  const std::vector<std::string> all = lines("SEND_GIFT.jsonl");
  const GiftsSent old{
      348312790,
      "花北灯银冬nc",
      0,
      false,
      {{30085, "小星星", 5, 100, 500, false, "D5CA8380-193D-4536-BD2A-9766037A99FA", 1561220907, ""}}};
  EXPECT_EQ(content<GiftsSent>(all.at(0)), old);
  const GiftsSent gold{841983895,
                       "66578林39053",
                       0,
                       true,
                       {{31036, "小花花", 1, 100, 100, true, "1673622464121900003", 1673622464, ""}}};
  EXPECT_EQ(content<GiftsSent>(all.at(1)), gold);
  // What came out is worth 2500, 5000 were paid.
  const GiftsSent box{
      66193666,
      "风画Yrfzrr",
      3,
      true,
      {{35311, "好运柚叶", 1, 2500, 5000, true, "4760043420746102272", 1775827219, "幸运盲盒"}}};
  EXPECT_EQ(content<GiftsSent>(all.at(2)), box);
  const GiftsSent binary{40474536,
                         "红林云南竹雨",
                         0,
                         true,
                         {{31164, "粉丝团灯牌", 1, 100, 100, true, "4817659704123789824", 1789564012, ""}}};
  EXPECT_EQ(content<GiftsSent>(lines("SEND_GIFT_V2.jsonl").at(0)), binary);
  const std::vector<std::string> combos = lines("COMBO_SEND.jsonl");
  EXPECT_EQ(content<ComboSent>(combos.at(0)),
            (ComboSent{43096774, "松云星云", 30135, "铃铛", 5, 0,
                       "gift:combo_id:43096774:275311346:30135:1561220902.2409"}));
  EXPECT_EQ(content<ComboSent>(combos.at(1)),
            (ComboSent{3493752233784964, "HRG-Ikn", 31036, "小花花", 2, 200,
                       "batch:gift:combo_id:3493752233784964:21769885:31036:1673774515.6190"}));
}

TEST(SamplesTest, Guards) {
  const std::vector<std::string> bought = lines("GUARD_BUY.jsonl");
  EXPECT_EQ(content<GuardBought>(bought.at(0)),
            (GuardBought{254666242, "lcr0540", 3, 1, 198000, "舰长", 1561220913}));
  EXPECT_EQ(content<GuardBought>(bought.at(1)),
            (GuardBought{10438846, "雨鱼琴金石南雨M_N", 3, 1, 198000, "舰长", 1677069316}));
  const std::vector<std::string> toasts = lines("USER_TOAST_MSG.jsonl");
  EXPECT_EQ(content<GuardToast>(toasts.at(0)),
            (GuardToast{"1419784885501130330635626", 97624429, "南春雨西棋", 3, 1, "月", 138000, "舰长",
                        "<%南春雨西棋%> 自动续费了舰长", false}));
  EXPECT_EQ(content<GuardToast>(toasts.at(1)).payflow_id, "5180064111761468551506946");
  EXPECT_EQ(content<GuardToast>(toasts.at(1)).price, 138000);
}

TEST(SamplesTest, SuperChats) {
  const std::vector<std::string> all = lines("SUPER_CHAT_MESSAGE.jsonl");
  const SuperChat first{6522809, 728160267, "东鸟云", "主播完美预测自己第一个死，这就是鹅鸭杀高玩吗",
                        "",      30,        60,       1677069035,
                        3,       false};
  EXPECT_EQ(content<SuperChat>(all.at(0)), first);
  EXPECT_EQ(message(all.at(0)).room_id, 1029616);
  EXPECT_EQ(content<SuperChat>(all.at(1)).text, "点歌，勇气大爆发");
  const std::vector<std::string> japanese = lines("SUPER_CHAT_MESSAGE_JPN.jsonl");
  const SuperChat texts{1852575, 523386951, "Wex水", "这能看到几点", "", 2000, 7200, 1623612710, 1, true};
  EXPECT_EQ(content<SuperChat>(japanese.at(0)), texts);
  EXPECT_EQ(message(japanese.at(0)).room_id, 29481);
  EXPECT_EQ(content<SuperChat>(japanese.at(1)).id, content<SuperChat>(all.at(1)).id);
  EXPECT_EQ(content<SuperChat>(japanese.at(1)).translation, "歌を注文して、勇気が爆発しました");
  const std::string deleted = lines("SUPER_CHAT_MESSAGE_DELETE.jsonl").at(0);
  EXPECT_EQ(content<SuperChatsDeleted>(deleted), (SuperChatsDeleted{{3897503}}));
  EXPECT_EQ(message(deleted).room_id, 70390789);
  EXPECT_EQ(content<DanmakuRecalled>(lines("OTHER.jsonl").at(4)), DanmakuRecalled{"521276548"});
}

TEST(SamplesTest, Interactions) {
  EXPECT_EQ(content<Interaction>(lines("INTERACT_WORD.jsonl").at(0)),
            (Interaction{611106825, "OBX_Sgpp", 1, 1644563948}));
  EXPECT_EQ(content<Interaction>(lines("INTERACT_WORD_V2.jsonl").at(0)),
            (Interaction{287348453, "GewuFmf303", 1, 1751716524}));
}

TEST(SamplesTest, RoomInit) {
  const auto live = replies::room_init(200, api("room_init-live"));
  ASSERT_TRUE(live);
  EXPECT_EQ(live->room_id, 14073662);
  EXPECT_EQ(live->short_id, 76);
  EXPECT_EQ(live->uid, 63359703);
  EXPECT_EQ(live->status, LiveStatus::live);
  EXPECT_EQ(live->live_time, live_time_from_unix(1602151186));
  EXPECT_EQ(live->access, RoomAccess());
  const auto closed = replies::room_init(200, api("room_init-encrypted-hidden"));
  ASSERT_TRUE(closed);
  EXPECT_TRUE(closed->access.encrypted);
  EXPECT_TRUE(closed->access.hidden);
  EXPECT_FALSE(closed->access.locked);
  EXPECT_EQ(closed->status, LiveStatus::rotation);
  EXPECT_EQ(closed->live_time, std::nullopt);
}

TEST(SamplesTest, RoomInformation) {
  const auto info = replies::get_info(200, api("get_info-rotation"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->room.room_id, 5440);
  EXPECT_EQ(info->room.title, "快乐运动研究社");
  EXPECT_EQ(info->room.area, "视频聊天");
  EXPECT_EQ(info->status, LiveStatus::rotation);
  EXPECT_EQ(info->live_time, std::nullopt);
  const auto idle = replies::room_base_info(200, api("getRoomBaseInfo-two-rooms"), 23058);
  ASSERT_TRUE(idle && *idle);
  const RoomInfo expected{23058, 3, 96640238, "哔哩哔哩音悦台", "7秋夏红蓝", "唱见电台", "电台", ""};
  EXPECT_EQ((*idle)->room, expected);
  EXPECT_EQ((*idle)->status, LiveStatus::idle);
  EXPECT_EQ((*idle)->live_key, "");
  const auto rotation = replies::room_base_info(200, api("getRoomBaseInfo-two-rooms"), 1);
  ASSERT_TRUE(rotation && *rotation);
  EXPECT_EQ((*rotation)->room.room_id, 5440);
  EXPECT_EQ((*rotation)->status, LiveStatus::rotation);
  EXPECT_EQ(*replies::anchor(200, api("get_anchor_in_room")), "琴雪冬花舟铜");
}

TEST(SamplesTest, PlayInfos) {
  const auto first = replies::play_info(200, api("getRoomPlayInfo-flv-ts-fmp4-avc"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->streams.size(), 3u);
  StreamPreferences wanted;
  const auto flv = std::get<ChosenStream>(choose_stream(*first, wanted, {10000}));
  EXPECT_EQ(flv.format, StreamFormat::flv);
  EXPECT_EQ(flv.granted_qn, 10000);
  EXPECT_EQ(flv.quality_name, "原画");
  EXPECT_EQ(flv.encoding, Encoding::original);
  EXPECT_EQ(flv.addresses.at(0).host, "cn-hbcd-cu-02-20.bilivideo.com");
  EXPECT_TRUE(
      flv.addresses.at(0).url.starts_with("https://cn-hbcd-cu-02-20.bilivideo.com/live-bvc/462997/"
                                          "live_96640238_9369560.flv?expires=1674103815&"));
  EXPECT_EQ(flv.addresses.at(0).expires, live_time_from_unix(1674103815));
  wanted.formats = {StreamFormat::fmp4};
  EXPECT_EQ(std::get<ChosenStream>(choose_stream(*first, wanted, {10000})).addresses.size(), 2u);
  wanted.qualities = {150};
  EXPECT_EQ(std::get<AskAgain>(choose_stream(*first, wanted, {10000})).qn, 150);

  const auto second = replies::play_info(200, api("getRoomPlayInfo-hevc-without-url"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->streams.size(), 5u);
  wanted = {};
  wanted.codecs = {Codec::hevc, Codec::avc};
  const auto avc = std::get<ChosenStream>(choose_stream(*second, wanted, {10000}));
  EXPECT_EQ(avc.codec, Codec::avc);
  EXPECT_EQ(avc.addresses.at(0).url.find("cdn,expires,len,oi,pt,qn,trid&cdn=cn-gotcha04&sign="),
            avc.addresses.at(0).url.find("cdn,expires"));
  wanted.qualities = {400};
  EXPECT_EQ(std::get<AskAgain>(choose_stream(*second, wanted, {10000})).qn, 400);

  const auto offline = replies::play_info(200, api("getRoomPlayInfo-offline"));
  ASSERT_TRUE(offline);
  EXPECT_FALSE(offline->has_streams);
  EXPECT_EQ(std::get<Refusal>(choose_stream(*offline, {}, {})).reason, RefusalReason::not_live);

  const PlayInfo reload = read_play_info(
      Json{{"playurl_info", {{"playurl", parse_json(lines("ROOM_STATE.jsonl").at(16))["data"]["playurl"]}}}});
  ASSERT_EQ(reload.streams.size(), 6u);
  EXPECT_EQ(reload.streams[0].current_qn, 10000);
  EXPECT_EQ(reload.streams[1].codec, Codec::hevc);
  EXPECT_EQ(reload.streams[1].current_qn, 250);
}

TEST(SamplesTest, KeysTokensAndDevices) {
  const auto nav = replies::nav(200, api("nav-logged-out"));
  ASSERT_TRUE(nav && nav->key);
  EXPECT_EQ(nav->key->text(), "ea1db124af3c7062474693fa704f4ff8");
  EXPECT_FALSE(nav->logged_in);
  const auto danmu = replies::danmu_info(200, api("getDanmuInfo-2245"));
  ASSERT_TRUE(danmu);
  EXPECT_TRUE(danmu->token.starts_with("kI1Bl0S4fXh0"));
  ASSERT_EQ(danmu->hosts.size(), 4u);  // one is listed twice
  for (const DanmuHost& host : danmu->hosts) EXPECT_EQ(host.wss_port, 2245);
  EXPECT_EQ(danmu->hosts.back().host, "broadcastlv.chat.bilibili.com");
  EXPECT_EQ(*replies::finger_spi(200, api("finger-spi")), "7C1F0E52-40B8-A9D3-1E66-93F0B5D2C87451730infoc");
}

TEST(SamplesTest, Errors) {
  const std::map<std::string, ErrorKind> kinds = {
      {"error-352", ErrorKind::risk_control},          {"error-352-voucher", ErrorKind::risk_control},
      {"code0-voucher-only", ErrorKind::risk_control}, {"error-412", ErrorKind::blocked},
      {"error-60004", ErrorKind::not_found},           {"error-19002000", ErrorKind::not_found},
      {"error-19002005", ErrorKind::encrypted}};
  for (const auto& [name, kind] : kinds) {
    const auto reply = replies::room_init(200, api(name));
    ASSERT_FALSE(reply) << name;
    EXPECT_EQ(reply.error().kind, kind) << name;
  }
  EXPECT_EQ(replies::room_init(200, api("error-60004")).error().message, "code 60004: 房间不存在");
}

}  // namespace
}  // namespace live::bilibili
