// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/replies.hpp"

#include <gtest/gtest.h>

namespace live::bilibili {
namespace {

using std::chrono::seconds;

template <class T>
ErrorKind kind(const ApiResult<T>& result) {
  EXPECT_FALSE(result);
  return result.error().kind;
}

ErrorKind kind_of_body(std::string_view body, int status = 200) {
  return kind(replies::room_init(status, body));
}

TEST(RepliesTest, ReadsRoomInit) {
  const ApiResult<RoomInit> init = replies::room_init(
      200,
      R"({"code":0,"msg":"ok","data":{"room_id":14073662,"short_id":76,"uid":3546569288714792,"is_hidden":false,
               "is_locked":false,"live_status":1,"encrypted":false,"pwd_verified":false,"live_time":1602151186,
               "is_sp":0,"special_type":0}})");
  ASSERT_TRUE(init);
  EXPECT_EQ(init->room_id, 14073662);
  EXPECT_EQ(init->short_id, 76);
  EXPECT_EQ(init->uid, 3546569288714792);
  EXPECT_EQ(init->status, LiveStatus::live);
  EXPECT_EQ(init->live_time, WallTime(seconds(1602151186)));
  EXPECT_EQ(init->access, RoomAccess());
}

TEST(RepliesTest, ReadsWhatClosesARoom) {
  const auto access = [](std::string_view fields) {
    return replies::room_init(
               200, R"({"code":0,"data":{"room_id":1,"live_status":2,)" + std::string(fields) + "}}")
        ->access;
  };
  EXPECT_TRUE(access(R"("is_hidden":true)").hidden);
  EXPECT_TRUE(access(R"("is_hidden":1)").hidden);
  EXPECT_TRUE(access(R"("is_locked":true,"lock_till":-1)").locked);
  EXPECT_TRUE(access(R"("encrypted":true,"pwd_verified":false)").encrypted);
  EXPECT_FALSE(access(R"("encrypted":true,"pwd_verified":true)").encrypted);
  EXPECT_FALSE(access(R"("encrypted":false,"pwd_verified":false)").encrypted);
  EXPECT_TRUE(access(R"("is_sp":1)").paid);
  EXPECT_TRUE(access(R"("special_type":1)").paid);
  EXPECT_FALSE(access(R"("special_type":2)").paid);
}

TEST(RepliesTest, ReadsLiveTimesOfAllForms) {
  EXPECT_EQ(parse_live_time("2022-01-18 18:34:26"), WallTime(seconds(1642502066)));
  EXPECT_EQ(parse_live_time("1970-01-01 08:00:01"), WallTime(seconds(1)));
  EXPECT_EQ(parse_live_time("2024-02-29 00:00:00"), WallTime(seconds(1709136000)));
  EXPECT_EQ(parse_live_time("1642502066"), WallTime(seconds(1642502066)));
  for (const char* text :
       {"0000-00-00 00:00:00", "", "0", "-62170012800", "2023-02-29 00:00:00", "2022-01-18T18:34:26",
        "2022-01-18 18:34", "2022-13-18 18:34:26", "2022-01-18 24:34:26", "2022-01-1818:34:26 ",
        "99999999999999999999", "+022-01-18 18:34:26", "2022--1-18 18:34:26"}) {
    EXPECT_EQ(parse_live_time(text), std::nullopt) << text;
  }
  EXPECT_EQ(live_time_from_unix(-62170012800), std::nullopt);
  EXPECT_EQ(live_time_from_unix(0), std::nullopt);
  EXPECT_EQ(live_time_from_unix(INT64_MAX), std::nullopt);
  EXPECT_EQ(live_time_from_unix(1642502066), WallTime(seconds(1642502066)));
}

TEST(RepliesTest, ReadsGetInfo) {
  const ApiResult<RoomStatus> info = replies::get_info(
      200,
      R"({"code":0,"data":{"uid":1436793,"room_id":5440,"short_id":1,"live_status":2,"title":"t","user_cover":"c",
               "area_name":"a","parent_area_name":"p","live_time":"0000-00-00 00:00:00"}})");
  ASSERT_TRUE(info);
  const RoomInfo expected{5440, 1, 1436793, "t", "", "a", "p", "c"};
  EXPECT_EQ(info->room, expected);
  EXPECT_EQ(info->status, LiveStatus::rotation);
  EXPECT_EQ(info->live_time, std::nullopt);
  EXPECT_EQ(kind(replies::get_info(200, R"({"code":1,"data":[]})")), ErrorKind::not_found);
}

TEST(RepliesTest, ReadsTheRoomOfABatch) {
  const std::string body =
      R"({"code":0,"data":{"by_uids":{},"by_room_ids":{
        "23058":{"room_id":23058,"uid":1,"short_id":3,"live_status":1,"title":"t","uname":"n","area_name":"a",
                 "parent_area_name":"p","cover":"c","live_time":"2022-01-18 18:34:26","live_id_str":"506399261518724491"},
        "5440":{"room_id":5440,"uid":2,"short_id":1,"live_status":0,"live_time":"0000-00-00 00:00:00","live_id_str":"0"}}}})";
  const auto by_real = replies::room_base_info(200, body, 23058);
  ASSERT_TRUE(by_real && *by_real);
  const RoomInfo expected{23058, 3, 1, "t", "n", "a", "p", "c"};
  EXPECT_EQ((*by_real)->room, expected);
  EXPECT_EQ((*by_real)->status, LiveStatus::live);
  EXPECT_EQ((*by_real)->live_time, WallTime(seconds(1642502066)));
  EXPECT_EQ((*by_real)->live_key, "506399261518724491");
  const auto by_short = replies::room_base_info(200, body, 1);
  ASSERT_TRUE(by_short && *by_short);
  EXPECT_EQ((*by_short)->room.room_id, 5440);
  EXPECT_EQ((*by_short)->live_key, "");
}

TEST(RepliesTest, TellsARoomThatIsNotInTheBatch) {
  for (const char* body :
       {R"({"code":0,"data":{"by_room_ids":{}}})", R"({"code":0,"data":{"by_room_ids":[]}})",
        R"({"code":0,"data":{"by_room_ids":{"7":{"room_id":7,"live_status":0}}}})"}) {
    const auto status = replies::room_base_info(200, body, 5);
    ASSERT_TRUE(status) << body;
    EXPECT_EQ(status->has_value(), false) << body;
  }
  EXPECT_EQ(kind(replies::room_base_info(200, R"({"code":0,"data":[]})", 5)), ErrorKind::malformed);
  EXPECT_EQ(kind(replies::room_base_info(200, R"({"code":0,"data":{"by_room_ids":{"5":{"room_id":5}}}})", 5)),
            ErrorKind::malformed);
  EXPECT_EQ(kind(replies::room_base_info(200, R"({"code":-400})", 5)), ErrorKind::bad_request);
}

TEST(RepliesTest, ReadsTheAnchor) {
  EXPECT_EQ(*replies::anchor(200, R"({"code":0,"data":{"info":{"uname":"name"}}})"), "name");
  EXPECT_EQ(*replies::anchor(200, R"({"code":0,"data":[]})"), "");
}

TEST(RepliesTest, ReadsKeysWithoutLogin) {
  const ApiResult<NavInfo> nav =
      replies::nav(200, R"({"code":-101,"message":"x","data":{"isLogin":false,"wbi_img":{
        "img_url":"https://i0.hdslb.com/bfs/wbi/7cd084941338484aae1ad9425b84077c.png",
        "sub_url":"https://i0.hdslb.com/bfs/wbi/4932caff0ff746eab6f01bf08b70ac45.png"}}})");
  ASSERT_TRUE(nav);
  EXPECT_FALSE(nav->logged_in);
  ASSERT_TRUE(nav->key);
  EXPECT_EQ(nav->key->text(), "ea1db124af3c7062474693fa704f4ff8");
}

TEST(RepliesTest, ReadsNavWithLogin) {
  const ApiResult<NavInfo> nav =
      replies::nav(200, R"({"code":0,"data":{"isLogin":true,"mid":3546569288714792,"uname":"me"}})");
  ASSERT_TRUE(nav);
  EXPECT_TRUE(nav->logged_in);
  EXPECT_EQ(nav->uid, 3546569288714792);
  EXPECT_EQ(nav->name, "me");
  EXPECT_FALSE(nav->key);
  EXPECT_EQ(kind(replies::nav(200, R"({"code":0,"data":null})")), ErrorKind::malformed);
}

TEST(RepliesTest, ReadsDanmuInfo) {
  const ApiResult<DanmuInfo> info = replies::danmu_info(200, R"({"code":0,"data":{"token":"T","host_list":[
        {"host":"a.chat.bilibili.com","port":2243,"wss_port":2245,"ws_port":2244},
        {"host":"a.chat.bilibili.com","port":2243,"wss_port":2245,"ws_port":2244},
        {"host":"b.chat.bilibili.com","wss_port":"443"},{"host":"bad host/"},{"host":""},5]}})");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->token, "T");
  const std::vector<DanmuHost> expected = {{"a.chat.bilibili.com", 2245, 2244},
                                           {"b.chat.bilibili.com", 443, 2244}};
  EXPECT_EQ(info->hosts, expected);
  EXPECT_EQ(kind(replies::danmu_info(200, R"({"code":0,"data":{"token":"T","host_list":[]}})")),
            ErrorKind::malformed);
  EXPECT_EQ(kind(replies::danmu_info(200, R"({"code":0,"data":{"host_list":[{"host":"a"}]}})")),
            ErrorKind::malformed);
  EXPECT_EQ(kind(replies::danmu_info(200, R"({"code":65530,"message":"token"})")), ErrorKind::bad_token);
  EXPECT_EQ(kind(replies::danmu_info(200, R"({"code":1})")), ErrorKind::transient);
}

TEST(RepliesTest, ReadsTheDeviceId) {
  EXPECT_EQ(*replies::finger_spi(200, R"({"code":0,"data":{"b_3":"D9656DA8-9BEFinfoc","b_4":"x"}})"),
            "D9656DA8-9BEFinfoc");
  for (const char* id : {"", "a;b", "a b", "a\\nb"}) {
    EXPECT_FALSE(replies::finger_spi(200, R"({"code":0,"data":{"b_3":")" + std::string(id) + R"("}})")) << id;
  }
}

TEST(RepliesTest, SortsErrorCodes) {
  const std::pair<const char*, ErrorKind> cases[] = {
      {R"({"code":60004,"data":[]})", ErrorKind::not_found},
      {R"({"code":19002000,"data":null})", ErrorKind::not_found},
      {R"({"code":19002003})", ErrorKind::not_found},
      {R"({"code":1002002})", ErrorKind::not_found},
      {R"({"code":19002005})", ErrorKind::encrypted},
      {R"({"code":-352,"message":"-352"})", ErrorKind::risk_control},
      {R"({"code":-352,"data":{"v_voucher":"v"}})", ErrorKind::risk_control},
      {R"({"code":0,"data":{"v_voucher":"v"}})", ErrorKind::risk_control},
      {R"({"code":-412})", ErrorKind::blocked},
      {R"({"code":-509})", ErrorKind::rate_limited},
      {R"({"code":"-799"})", ErrorKind::rate_limited},
      {R"({"code":-688})", ErrorKind::region_blocked},
      {R"({"code":-689})", ErrorKind::region_blocked},
      {R"({"code":60005})", ErrorKind::region_blocked},
      {R"({"code":-101})", ErrorKind::login_needed},
      {R"({"code":-400})", ErrorKind::bad_request},
      {R"({"code":-500})", ErrorKind::transient},
      {R"({"code":424242})", ErrorKind::transient},
      {R"({"code":0,"data":{}})", ErrorKind::malformed},
      {R"({"code":0})", ErrorKind::malformed},
      {R"({})", ErrorKind::malformed},
      {R"([])", ErrorKind::malformed},
      {"<html>", ErrorKind::malformed},
      {"", ErrorKind::malformed},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(kind_of_body(body), expected) << body;
}

TEST(RepliesTest, SortsHttpStatuses) {
  EXPECT_EQ(kind_of_body("", 412), ErrorKind::blocked);
  EXPECT_EQ(kind_of_body(R"({"code":-412})", 412), ErrorKind::blocked);
  EXPECT_EQ(kind_of_body("", 429), ErrorKind::rate_limited);
  EXPECT_EQ(kind_of_body("<html>", 502), ErrorKind::transient);
  EXPECT_EQ(kind_of_body("", 444), ErrorKind::transient);
  EXPECT_EQ(kind_of_body(R"({"code":-352})", 403), ErrorKind::risk_control);
}

TEST(RepliesTest, KeepsErrorTextsShortAndOnOneLine) {
  const auto text = [](std::string_view message) {
    return replies::room_init(200, R"({"code":-500,"message":")" + std::string(message) + R"("})")
        .error()
        .message;
  };
  EXPECT_EQ(text("busy"), "code -500: busy");
  EXPECT_EQ(text("-500"), "code -500");
  EXPECT_EQ(text("a\\r\\nb"), "code -500: a  b");
  std::string characters;
  for (int i = 0; i < 500; ++i) characters += "字";
  EXPECT_EQ(text(characters).size(), std::string("code -500: ").size() + 198);
}

}  // namespace
}  // namespace live::bilibili
