// SPDX-License-Identifier: Apache-2.0
// What viewers do, message by message; the forms are those of captured ones.
#include <gtest/gtest.h>

#include "recorder/bilibili/message.hpp"

namespace live::bilibili {
namespace {

template <class T>
T content(std::string_view json) {
  const Result<Message> message = parse_message(json);
  if (!message) throw std::runtime_error(message.error().message);
  return std::get<T>(message->content);
}

// A box with two gifts; every kind of wire value, and fields that we do not name.
constexpr std::string_view gifts_pb =
    "CKiUgJXgsqYGEghzb21lYm9keSgDSgsQCRoDYm94KOiBAlItCAsSA2JpZxgFKLiRAjiIiQpCBGdvbGRKAnQxUOyoqtUGhQEAAIA/"
    "mgIDCgF4Ui8IDBIFc21hbGwYBSignAE4iIkKQgRnb2xkSgJ0MlDsqKrVBoUBAACAP5oCAwoBeFgBmgYFbGF0ZXI=";
constexpr std::string_view interaction_pb = "CAwSACgCOKylpMMGsgEKCAwSBgoEbmFtZQ==";

TEST(ContentTest, ReadsAGift) {
  const auto sent = content<GiftsSent>(
      R"({"cmd":"SEND_GIFT","data":{"giftName":"box gift","giftId":35311,"num":"2","uid":"66193666","uname":"n",
          "price":2500,"total_coin":5000,"coin_type":"gold","tid":"4760","rnd":"1","timestamp":1775827219,
          "guard_level":3,"switch":true,"blind_gift":{"original_gift_name":"box"}}})");
  const GiftsSent expected{
      66193666, "n", 3, true, {{35311, "box gift", 2, 2500, 5000, true, "4760", 1775827219, "box"}}};
  EXPECT_EQ(sent, expected);
}

TEST(ContentTest, ReadsAnOldGiftWithoutNumberOfItsOwn) {
  const auto sent = content<GiftsSent>(
      R"({"cmd":"SEND_GIFT","data":{"giftName":"g","num":5,"coin_type":"silver","rnd":"D5CA","blind_gift":null,"uid":1}})");
  EXPECT_EQ(sent.gifts.at(0).id, "D5CA");
  EXPECT_FALSE(sent.gifts.at(0).gold);
  EXPECT_EQ(sent.gifts.at(0).box, "");
  EXPECT_FALSE(parse_message(R"({"cmd":"SEND_GIFT","data":{}})"));
  EXPECT_FALSE(parse_message(R"({"cmd":"SEND_GIFT"})"));
}

TEST(ContentTest, ReadsGiftsInProtobuf) {
  const GiftsSent expected{3546569288714792,
                           "somebody",
                           3,
                           true,
                           {{11, "big", 5, 35000, 165000, true, "t1", 1789564012, "box"},
                            {12, "small", 5, 20000, 165000, true, "t2", 1789564012, "box"}}};
  const std::string pb(gifts_pb);
  EXPECT_EQ(content<GiftsSent>(R"({"cmd":"SEND_GIFT_V2","danmu":{"area":1},"data":{"dmscore":1,"pb":")" + pb +
                               R"("}})"),
            expected);
  EXPECT_EQ(content<GiftsSent>(R"({"cmd":"SEND_GIFT_V2","data":{"data":{"pb":")" + pb + R"("}}})"), expected);
}

TEST(ContentTest, DropsProtobufThatIsNone) {
  const std::string pb(gifts_pb);
  const std::string big((std::size_t{64} << 10) + 4, 'A');
  for (const std::string& body : {std::string(), std::string("?"), std::string("===="), std::string("AA=="),
                                  pb.substr(0, 100), pb.substr(0, 101), big}) {
    EXPECT_FALSE(parse_message(R"({"cmd":"SEND_GIFT_V2","data":{"pb":")" + body + R"("}})")) << body.size();
    EXPECT_FALSE(parse_message(R"({"cmd":"INTERACT_WORD_V2","data":{"pb":")" + body + R"("}})"))
        << body.size();
  }
  EXPECT_FALSE(parse_message(R"({"cmd":"SEND_GIFT_V2","data":{"pb":5}})"));
  EXPECT_FALSE(parse_message(R"({"cmd":"SEND_GIFT_V2"})"));
}

TEST(ContentTest, BoundsTheGiftsOfOneMessage) {
  // Field 10, empty, a hundred times: four base64 letters for each three bytes.
  std::string pb;
  for (int i = 0; i < 100; ++i) pb += "UgBSAFIA";
  const auto sent = content<GiftsSent>(R"({"cmd":"SEND_GIFT_V2","data":{"pb":")" + pb + R"("}})");
  EXPECT_EQ(sent.gifts.size(), max_gifts_per_message);
}

TEST(ContentTest, ReadsInteractions) {
  EXPECT_EQ(
      content<Interaction>(
          R"({"cmd":"INTERACT_WORD","data":{"uid":611106825,"uname":"O","msg_type":1,"timestamp":1644563948}})"),
      (Interaction{611106825, "O", 1, 1644563948}));
  const std::string pb(interaction_pb);
  EXPECT_EQ(content<Interaction>(R"({"cmd":"INTERACT_WORD_V2","data":{"pb":")" + pb + R"("}})"),
            (Interaction{12, "name", 2, 1751716524}));
  EXPECT_FALSE(parse_message(R"({"cmd":"INTERACT_WORD","data":{"uid":1}})"));
}

TEST(ContentTest, ReadsCombos) {
  EXPECT_EQ(content<ComboSent>(R"({"cmd":"COMBO_SEND","data":{"uid":1,"uname":"u","gift_name":"g","gift_id":2,
              "combo_num":2,"total_num":4,"combo_total_coin":200,"batch_combo_id":"b","combo_id":"c"}})"),
            (ComboSent{1, "u", 2, "g", 4, 200, "b"}));
  EXPECT_FALSE(parse_message(R"({"cmd":"COMBO_SEND","data":{}})"));
}

TEST(ContentTest, ReadsTheThreeFormsOfAGuard) {
  EXPECT_EQ(content<GuardBought>(R"({"cmd":"GUARD_BUY","data":{"uid":7,"username":"u","guard_level":3,"num":1,
              "price":198000,"gift_id":10003,"gift_name":"captain","start_time":5,"end_time":5}})"),
            (GuardBought{7, "u", 3, 1, 198000, "captain", 5}));
  const GuardToast expected{"55", 7, "u", 3, 2, "月", 138000, "captain", "<%u%> opened", false};
  EXPECT_EQ(
      content<GuardToast>(R"({"cmd":"USER_TOAST_MSG","data":{"uid":7,"username":"u","guard_level":3,"num":2,
              "unit":"月","op_type":1,"payflow_id":"55","price":138000,"role_name":"captain",
              "toast_msg":"\u003c%u%\u003e opened"}})"),
      expected);
  EXPECT_EQ(
      content<GuardToast>(R"({"cmd":"USER_TOAST_MSG_V2","data":{"sender_uinfo":{"uid":7,"base":{"name":"u"}},
              "guard_info":{"guard_level":3,"role_name":"captain"},"option":{"source":0},
              "pay_info":{"payflow_id":"55","price":138000,"num":2,"unit":"月"},"toast_msg":"<%u%> opened"}})"),
      expected);
  EXPECT_TRUE(content<GuardToast>(R"({"cmd":"USER_TOAST_MSG_V2","data":{"guard_info":{"guard_level":1},
              "option":{"source":2}}})")
                  .gifted);
  for (const char* command : {"GUARD_BUY", "USER_TOAST_MSG", "USER_TOAST_MSG_V2"}) {
    EXPECT_FALSE(parse_message(std::string(R"({"cmd":")") + command + R"(","data":{}})")) << command;
  }
}

TEST(ContentTest, ReadsSuperChatsInBothForms) {
  const SuperChat expected{15164370, 962795001, "u", "t", "", 30, 60, 1775820737, 2, false};
  EXPECT_EQ(content<SuperChat>(
                R"({"cmd":"SUPER_CHAT_MESSAGE","data":{"id":15164370,"uid":962795001,"price":30,"rate":1000,
              "message":"t","message_trans":"","time":60,"start_time":1775820737,"user_info":{"uname":"u","guard_level":2},
              "medal_info":{"medal_color":"#be6686"}}})"),
            expected);
  const auto japanese = content<SuperChat>(
      R"({"cmd":"SUPER_CHAT_MESSAGE_JPN","data":{"id":"15164370","uid":"962795001","price":"30","message":"t",
          "message_jpn":"j","uinfo":{"base":{"name":"v"}}},"roomid":"29481"})");
  EXPECT_EQ(japanese.id, 15164370);
  EXPECT_EQ(japanese.uid, 962795001);
  EXPECT_EQ(japanese.user, "v");
  EXPECT_EQ(japanese.translation, "j");
  EXPECT_TRUE(japanese.japanese);
  EXPECT_FALSE(parse_message(R"({"cmd":"SUPER_CHAT_MESSAGE","data":{"message":"no id"}})"));
}

TEST(ContentTest, ReadsWhatIsTakenBack) {
  EXPECT_EQ(content<SuperChatsDeleted>(
                R"({"cmd":"SUPER_CHAT_MESSAGE_DELETE","data":{"ids":[3897503,"4"]},"roomid":1})"),
            (SuperChatsDeleted{{3897503, 4}}));
  EXPECT_EQ(content<DanmakuRecalled>(
                R"({"cmd":"RECALL_DANMU_MSG","data":{"recall_type":2,"target_id":521276548}})"),
            DanmakuRecalled{"521276548"});
  EXPECT_FALSE(parse_message(R"({"cmd":"SUPER_CHAT_MESSAGE_DELETE","data":{"ids":{}}})"));
  EXPECT_FALSE(parse_message(R"({"cmd":"RECALL_DANMU_MSG","data":{}})"));
}

TEST(ContentTest, TakesTheNameFromWhereverItStands) {
  EXPECT_EQ(content<Danmaku>(R"({"cmd":"DANMU_MSG","info":[[0,1,25,1,1,1,0,"h",0,0,0,"",0,"{}","{}",
              {"user":{"uid":5,"base":{"name":"inner"}}}],"t",[5,""]]})")
                .user,
            "inner");
}

TEST(ContentTest, TellsViewersFromTheRoom) {
  EXPECT_TRUE(is_from_viewers(GiftsSent()));
  EXPECT_TRUE(is_from_viewers(DanmakuRecalled()));
  EXPECT_FALSE(is_from_viewers(LiveStarted()));
  EXPECT_FALSE(is_from_viewers(OtherMessage()));
}

}  // namespace
}  // namespace live::bilibili
