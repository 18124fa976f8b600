// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/message.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

template <class T>
T content(std::string_view json) {
  const Result<Message> message = parse_message(json);
  if (!message) throw std::runtime_error(message.error().message);
  return std::get<T>(message->content);
}

TEST(MessageTest, ReadsLiveInAllForms) {
  EXPECT_EQ(content<LiveStarted>(R"({"cmd":"LIVE","roomid":21427})"), LiveStarted());
  EXPECT_EQ(content<LiveStarted>(R"({"cmd":"LIVE","live_key":"693870340542020839","live_time":1775986526,
                                     "roomid":3128551,"special_types":[]})"),
            (LiveStarted{"693870340542020839", 1775986526, false}));
  EXPECT_EQ(content<LiveStarted>(R"({"cmd":"LIVE","live_key":693870340542020839,"live_time":"1775986526"})"),
            (LiveStarted{"693870340542020839", 1775986526, false}));
  EXPECT_EQ(content<LiveStarted>(R"({"cmd":"LIVE","live_key":"0","live_time":0,"special_type":1})"),
            (LiveStarted{"", std::nullopt, true}));
  EXPECT_TRUE(content<LiveStarted>(R"({"cmd":"LIVE","special_types":[2,1]})").paid);
}

TEST(MessageTest, NamesTheRoomWhereverItStands) {
  EXPECT_EQ(parse_message(R"({"cmd":"LIVE","roomid":21427})")->room_id, 21427);
  EXPECT_EQ(parse_message(R"({"cmd":"PREPARING","roomid":"294960"})")->room_id, 294960);
  EXPECT_EQ(parse_message(R"({"cmd":"REENTER_LIVE_ROOM","data":{"room_id":7}})")->room_id, 7);
  EXPECT_EQ(parse_message(R"({"cmd":"ROOM_CHANGE","data":{}})")->room_id, 0);
}

TEST(MessageTest, ReadsPreparing) {
  EXPECT_EQ(content<Preparing>(R"({"cmd":"PREPARING","roomid":"1"})"), Preparing{false});
  EXPECT_EQ(content<Preparing>(R"({"cmd":"PREPARING","round":1,"roomid":"1"})"), Preparing{true});
  EXPECT_EQ(content<Preparing>(R"({"cmd":"PREPARING","round":"1"})"), Preparing{true});
  EXPECT_EQ(content<Preparing>(R"({"cmd":"PREPARING","round":0,"scatter":{"max":60,"min":5}})"),
            Preparing{false});
}

TEST(MessageTest, ReadsWhatModeratorsDo) {
  EXPECT_EQ(content<CutOff>(R"({"cmd":"CUT_OFF","msg":"rules","roomid":1})"), CutOff{"rules"});
  EXPECT_EQ(content<CutOff>(R"({"cmd":"CUT_OFF_V2","data":{"cut_off_data":{"cut_off_title":"notice",
              "cut_off_message_list":[{"label":"result","content":"cut"},{"label":"","content":"why"},{}]}}})"),
            CutOff{"result: cut; why"});
  EXPECT_EQ(content<CutOff>(R"({"cmd":"CUT_OFF_V2","data":{"cut_off_data":{"cut_off_title":"notice"}}})"),
            CutOff{"notice"});
  EXPECT_EQ(content<CutOff>(R"({"cmd":"CUT_OFF_V2"})"), CutOff{""});
  EXPECT_EQ(content<RoomLocked>(R"({"cmd":"ROOM_LOCK","expire":"2019-06-30 03:57:04","roomid":1})"),
            RoomLocked{"2019-06-30 03:57:04"});
  EXPECT_EQ(content<RoomLimited>(R"({"cmd":"ROOM_LIMIT","type":"copyright_area","roomid":1})"),
            RoomLimited{"copyright_area"});
  EXPECT_EQ(content<Warning>(R"({"cmd":"WARNING","msg":"\u865a"})"), Warning{"虚"});
}

TEST(MessageTest, ReadsChanges) {
  EXPECT_EQ(content<RoomChanged>(R"({"cmd":"ROOM_CHANGE","data":{"title":"t","area_id":1,"area_name":"a",
              "parent_area_name":"p","live_key":"0"}})"),
            (RoomChanged{"t", "a", "p", ""}));
  EXPECT_EQ(
      content<RoomChanged>(R"({"cmd":"ROOM_CHANGE","data":{"title":"t","live_key":"320830629635915849"}})")
          .live_key,
      "320830629635915849");
  EXPECT_FALSE(parse_message(R"({"cmd":"ROOM_CHANGE","data":[]})"));
  EXPECT_EQ(content<PlayUrlReload>(R"({"cmd":"PLAYURL_RELOAD","data":{"reload_option":{"scatter":3000}}})"),
            PlayUrlReload{3000});
  EXPECT_EQ(content<ReenterRoom>(R"({"cmd":"REENTER_LIVE_ROOM","data":{"request_random_sec_range":10}})"),
            ReenterRoom{10});
}

TEST(MessageTest, ReadsAComment) {
  const Danmaku read = content<Danmaku>(
      R"({"cmd":"DANMU_MSG:4:0:2:2:2:0","dm_v2":"","info":[[0,5,18,16777215,1723979200649,-123,0,"1a2b3c4d",0,0,5,"",
          1,"{}"],"text",[3546569288714792,"name",0,0,0,10000,1,""],[],[],[],0,3,null]})");
  Danmaku expected;
  expected.text = "text";
  expected.mode = 5;
  expected.size = 18;
  expected.time_ms = 1723979200649;
  expected.user_hash = "1a2b3c4d";
  expected.kind = 1;
  expected.uid = 3546569288714792;
  expected.user = "name";
  expected.guard_level = 3;
  EXPECT_EQ(read, expected);
}

TEST(MessageTest, ReadsOldAndShortComments) {
  const Danmaku old =
      content<Danmaku>(R"({"cmd":"DANMU_MSG","info":[[0,1,25,255,1540000000,"5",0,"h"],"t",["12","n"]]})");
  EXPECT_EQ(old.time_ms, 1540000000000);
  EXPECT_EQ(old.uid, 12);
  EXPECT_EQ(old.guard_level, 0);
  EXPECT_EQ(content<Danmaku>(R"({"cmd":"DANMU_MSG","info":[[],"t"]})").text, "t");
  EXPECT_TRUE(content<Danmaku>(R"({"cmd":"DANMU_MSG_MIRROR","info":[[],"t"]})").mirrored);
  EXPECT_FALSE(parse_message(R"({"cmd":"DANMU_MSG","info":[]})"));
  EXPECT_FALSE(parse_message(R"({"cmd":"DANMU_MSG"})"));
}

TEST(MessageTest, LeavesChatUnreadUnlessItIsWanted) {
  const std::string_view chat = R"({"cmd":"DANMU_MSG:4:0:2:2:2:0","info":[[],"t"]})";
  const Result<Message> skipped = parse_message(chat, Chat::skip);
  EXPECT_EQ(skipped->command, "DANMU_MSG");
  EXPECT_EQ(skipped->content, MessageContent(UnreadChat()));
  EXPECT_EQ(std::get<Danmaku>(parse_message(chat, Chat::read)->content).text, "t");
  EXPECT_TRUE(
      std::holds_alternative<Preparing>(parse_message(R"({"cmd":"PREPARING"})", Chat::skip)->content));
}

TEST(MessageTest, CountsOtherCommandsAsKnownOrUnknown) {
  EXPECT_EQ(content<OtherMessage>(R"({"cmd":"WATCHED_CHANGE","data":{}})"), OtherMessage{true});
  EXPECT_EQ(content<OtherMessage>(R"({"cmd":"BRAND_NEW_2031","data":[1]})"), OtherMessage{false});
  EXPECT_EQ(content<OtherMessage>(R"({"cmd":"BRAND\u004eEW"})"), OtherMessage{false});
  EXPECT_EQ(parse_message(R"({"cmd":"LI\u0056E"})")->command, "LIVE");
}

TEST(MessageTest, RefusesWhatIsNoMessage) {
  for (const char* text : {"", "null", "[]", "{}", R"({"cmd":5})", R"({"cmd":"LIVE")", R"({"data":{}})",
                           R"({"cmd":"LIVE","x":"\ud800"})"}) {
    EXPECT_FALSE(parse_message(text)) << text;
  }
}

TEST(MessageTest, CutsLongTextsAtACodePoint) {
  std::string title;
  for (int i = 0; i < 1000; ++i) title += "字";
  const std::string read =
      content<RoomChanged>(R"({"cmd":"ROOM_CHANGE","data":{"title":")" + title + R"("}})").title;
  EXPECT_EQ(read.size(), 1023u);
  EXPECT_TRUE(title.starts_with(read));
}

}  // namespace
}  // namespace live::bilibili
