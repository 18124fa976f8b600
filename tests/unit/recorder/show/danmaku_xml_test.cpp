// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/danmaku_xml.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace live::recorder {
namespace {

using namespace bilibili;

std::string element(const MessageContent& content, std::int64_t file_ms = 12'345) {
  std::string out;
  append_danmaku_xml(out, content, file_ms);
  return out;
}

TEST(DanmakuXmlTest, WritesComments) {
  Danmaku comment;
  comment.text = "a<b>\n&\"'";
  comment.time_ms = 1723979200649;
  comment.user_hash = "1a2b3c4d";
  comment.uid = 6088969;
  comment.user = "na\"me";
  EXPECT_EQ(element(comment),
            "  <d p=\"12.345,1,25,16777215,1723979200649,0,6088969,0\" user=\"na&quot;me\" hash=\"1a2b3c4d\">"
            "a&lt;b&gt;&#10;&amp;&quot;&apos;</d>\n");
  comment.mode = 4;
  comment.size = 18;
  comment.color = 255;
  EXPECT_TRUE(element(comment, 5).starts_with("  <d p=\"0.005,4,18,255,1723979200649,0,6088969,0\""));
}

TEST(DanmakuXmlTest, WritesSuperChatsInYuan) {
  SuperChat chat;
  chat.user = "u";
  chat.uid = 5;
  chat.text = "t";
  chat.price = 30;
  chat.seconds = 60;
  EXPECT_EQ(element(chat), "  <sc ts=\"12.345\" user=\"u\" uid=\"5\" price=\"30\" time=\"60\">t</sc>\n");
}

TEST(DanmakuXmlTest, WritesEachGiftOfAMessage) {
  GiftsSent sent;
  sent.user = "u";
  sent.uid = 5;
  sent.gifts.resize(2);
  sent.gifts[0].name = "a b";
  sent.gifts[0].count = 1;
  sent.gifts[1].name = "c>";
  sent.gifts[1].count = 20;
  EXPECT_EQ(element(sent),
            "  <gift ts=\"12.345\" user=\"u\" uid=\"5\" giftname=\"a b\" giftcount=\"1\"/>\n"
            "  <gift ts=\"12.345\" user=\"u\" uid=\"5\" giftname=\"c&gt;\" giftcount=\"20\"/>\n");
}

TEST(DanmakuXmlTest, WritesGuardsFromEitherMessage) {
  GuardBought bought;
  bought.user = "u";
  bought.uid = 5;
  bought.level = 3;
  bought.count = 1;
  GuardToast toast;
  toast.user = "u";
  toast.uid = 5;
  toast.level = 3;
  toast.count = 1;
  const std::string expected = "  <guard ts=\"12.345\" user=\"u\" uid=\"5\" level=\"3\" count=\"1\"/>\n";
  EXPECT_EQ(element(bought), expected);
  EXPECT_EQ(element(toast), expected);
  toast.level = 9;
  EXPECT_EQ(element(toast), "");
}

TEST(DanmakuXmlTest, TheRestHasNoElement) {
  std::string out;
  EXPECT_FALSE(append_danmaku_xml(out, ComboSent(), 0));
  EXPECT_FALSE(append_danmaku_xml(out, Interaction(), 0));
  EXPECT_FALSE(append_danmaku_xml(out, LiveStarted(), 0));
  EXPECT_FALSE(append_danmaku_xml(out, OtherMessage(), 0));
  EXPECT_EQ(out, "");
}

TEST(DanmakuXmlTest, TheHeadSaysWhatConvertersLookFor) {
  ShowFacts facts;
  facts.room.room_id = 23058;
  facts.room.short_id = 3;
  facts.room.anchor = "<anchor>";
  facts.room.title = "title \"x\"";
  facts.room.area = "area";
  facts.room.parent_area = "parent";
  const std::string head =
      danmaku_xml_head(facts, WallTime(std::chrono::milliseconds(1'700'000'000'123)), "Asia/Shanghai");
  EXPECT_TRUE(head.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?xml-stylesheet "));
  EXPECT_LT(head.find("<BililiveRecorder version=\""), 1024u);
  EXPECT_NE(head.find("<BililiveRecorderRecordInfo roomid=\"23058\" shortid=\"3\" name=\"&lt;anchor&gt;\" "
                      "title=\"title &quot;x&quot;\" areanameparent=\"parent\" areanamechild=\"area\" "
                      "start_time=\"2023-11-15T06:13:20.123+08:00\"/>"),
            std::string::npos)
      << head;
  // From the third line on the document is whole at each line's end.
  std::size_t third = 0;
  for (int i = 0; i < 3; ++i) third = head.find('\n', third) + 1;
  EXPECT_EQ(head.substr(third - 4, 4), "<i>\n");
  EXPECT_EQ(head.back(), '\n');
  EXPECT_EQ(danmaku_xml_head(facts, WallTime(), "America/St_Johns").find("-03:30\""),
            danmaku_xml_head(facts, WallTime(), "America/St_Johns").find("start_time=\"") + 35);
}

}  // namespace
}  // namespace live::recorder
