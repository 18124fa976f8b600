// SPDX-License-Identifier: Apache-2.0
#include "simulator/api.hpp"

#include <gtest/gtest.h>

#include "site.hpp"

namespace live::simulator {
namespace {

using namespace test;

const std::string danmu_info = "/xlive/web-room/v1/index/getDanmuInfo?";
const std::string play_info = "/xlive/web-room/v2/index/getRoomPlayInfo?";

class ApiTest : public ::testing::Test {
 protected:
  Json get(const std::string& target, const std::string& headers = "") {
    const HttpAnswer answer = site.get(target, headers);
    status = answer.status;
    return parse_json(answer.body);
  }
  std::int64_t code(const std::string& target, const std::string& headers = "") {
    return json_int(json_at(get(target, headers), "/code")).value_or(-1);
  }
  std::string signed_query(const std::string& query, int shift = 0) {
    return sign_query(query, site.now_seconds() + shift);
  }

  Site site;
  int status = 0;
};

TEST_F(ApiTest, ShortAndRealNumbersFindARoom) {
  for (const char* id : {"3", "23058"}) {
    EXPECT_EQ(json_at(get(std::string("/room/v1/Room/room_init?id=") + id), "/data/room_id"), room_id);
    EXPECT_EQ(json_at(get(std::string("/room/v1/Room/get_info?room_id=") + id), "/data/room_id"), room_id);
  }
}

TEST_F(ApiTest, UnknownRoomsHaveTheirCodes) {
  EXPECT_EQ(code("/room/v1/Room/room_init?id=99"), 60004);
  EXPECT_EQ(code("/room/v1/Room/room_init?id=0"), 60004);
  EXPECT_EQ(code("/room/v1/Room/get_info?room_id=99"), 1);
  EXPECT_EQ(code("/xlive/web-room/v1/index/getInfoByRoom?" + signed_query("room_id=99")), 19002000);
  EXPECT_EQ(code(play_info + "room_id=99"), 1002002);
  EXPECT_EQ(code(danmu_info + signed_query("id=99&type=0"), chrome + device), 1002002);
}

TEST_F(ApiTest, BaseInfoTakesBothFormsOfLists) {
  site.control("POST", "/rooms", {{"roomId", 5440}});
  const std::string path = "/xlive/web-room/v1/index/getRoomBaseInfo?";
  for (const char* list :
       {"req_biz=web_room_componet&room_ids=3&room_ids=5440&room_ids=99",
        "req_biz=web_room_componet&room_ids=23058,5440", "req_biz=x&room_ids=23058%2C5440"}) {
    const Json rooms = json_at(get(path + list), "/data/by_room_ids");
    EXPECT_EQ(rooms.size(), 2u) << list;
    EXPECT_TRUE(rooms.contains("23058"));
  }
  EXPECT_EQ(code(path + "req_biz=x"), -400);
}

TEST_F(ApiTest, DanmuInfoWantsSignatureDeviceAndBrowser) {
  const std::string good = danmu_info + signed_query("id=23058&type=0");
  EXPECT_EQ(code(good, chrome + device), 0);
  EXPECT_EQ(code(good, chrome), -352);
  EXPECT_EQ(code(good, chrome + "Cookie: buvid3=\r\n"), -352);
  EXPECT_EQ(code(good, device), -352);
  EXPECT_EQ(code(good, "User-Agent: Mozilla/5.0 Chrome/90.0.0.0\r\n" + device), -352);
  EXPECT_EQ(code(danmu_info + "id=23058&type=0", chrome + device), -352);
  EXPECT_EQ(code(good + "0", chrome + device), -352);
  EXPECT_EQ(code(danmu_info + signed_query("id=23058&type=0", -700), chrome + device), -352);
  EXPECT_EQ(code(danmu_info + signed_query("id=3&type=0"), chrome + device), 1002002) << "short number";
  EXPECT_EQ(site.control("GET", "/requests")["endpoints"]["getDanmuInfo"]["count"], 9);
}

TEST_F(ApiTest, ARefusalCarriesAVoucher) {
  const HttpAnswer answer = site.get(danmu_info + "id=23058&type=0", chrome + device);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("x-bili-gaia-vvoucher: voucher_"), std::string::npos);
  EXPECT_TRUE(json_at(parse_json(answer.body), "/data/v_voucher").is_string());
}

TEST_F(ApiTest, RotatedKeysMakeOldSignaturesWrong) {
  const std::string target = danmu_info + signed_query("id=23058&type=0");
  const Json before = json_at(get("/x/web-interface/nav"), "/data/wbi_img");
  site.control("POST", "/site", {{"rotateKeys", true}});
  EXPECT_NE(json_at(get("/x/web-interface/nav"), "/data/wbi_img"), before);
  EXPECT_EQ(code(target, chrome + device), -352);
}

TEST_F(ApiTest, NavKnowsWhoIsLoggedIn) {
  EXPECT_EQ(code("/x/web-interface/nav"), -101);
  const std::string cookie = "Cookie: SESSDATA=a%2Cb; DedeUserID=77\r\n";
  EXPECT_EQ(json_at(get("/x/web-interface/nav", cookie), "/data/mid"), 77);
  site.control("POST", "/site", {{"sessionValid", false}});
  EXPECT_EQ(code("/x/web-interface/nav", cookie), -101);
}

TEST_F(ApiTest, PlayInfoLowersTheQuality) {
  site.control("POST", "/rooms",
               {{"roomId", room_id}, {"qualities", {250, 10000, 150}}, {"guestQuality", 250}});
  site.control("POST", "/rooms/3/live");
  const auto granted = [&](const std::string& quality, const std::string& headers = "") {
    const Json answer =
        get(play_info + "room_id=23058&protocol=0,1&format=0,1,2&codec=0,1" + quality, headers);
    return json_int(json_at(answer, "/data/playurl_info/playurl/stream/0/format/0/codec/0/current_qn"))
        .value_or(-1);
  };
  EXPECT_EQ(granted("&qn=10000"), 250);
  EXPECT_EQ(granted("&qn=10000", "Cookie: SESSDATA=x\r\n"), 10000);
  EXPECT_EQ(granted("&qn=400"), 250);
  EXPECT_EQ(granted(""), 150);
  EXPECT_EQ(granted("&qn=80"), 150);
}

TEST_F(ApiTest, PlayInfoChecksASignatureThatIsThere) {
  EXPECT_EQ(code(play_info + "room_id=23058"), 0);
  EXPECT_EQ(code(play_info + signed_query("protocol=0%2C1&room_id=23058")), 0);
  EXPECT_EQ(code(play_info + signed_query("room_id=23058") + "&qn=1"), -352);
  site.control("POST", "/site", {{"needPlaySignature", true}});
  EXPECT_EQ(code(play_info + "room_id=23058"), -352);
  site.control("POST", "/site", {{"needReferer", true}});
  EXPECT_EQ(code(play_info + signed_query("room_id=23058")), -352);
  EXPECT_EQ(code(play_info + signed_query("room_id=23058"), "Referer: https://live.bilibili.com/\r\n"), 0);
}

TEST_F(ApiTest, NoStreamOfRoomsThatMayNotBeSeen) {
  site.control("POST", "/rooms/3/live");
  const std::string target = play_info + "room_id=3&protocol=0&format=0&codec=0";
  EXPECT_TRUE(json_at(get(target), "/data/playurl_info").is_object());
  for (const char* flag : {"hidden", "locked", "encrypted"}) {
    site.control("POST", "/rooms", {{"roomId", room_id}, {flag, true}});
    EXPECT_TRUE(json_at(get(target), "/data/playurl_info").is_null()) << flag;
    site.control("POST", "/rooms", {{"roomId", room_id}, {flag, false}});
  }
}

TEST_F(ApiTest, SeveralHostsWithTheSchemeOfTheCaller) {
  Options options;
  options.public_hosts = {"a.example:81", "b.example"};
  Site other(options);
  other.control("POST", "/rooms/3/live");
  const HttpAnswer answer = other.get(play_info + "room_id=3&protocol=0&format=0&codec=0");
  const Json list =
      json_at(parse_json(answer.body), "/data/playurl_info/playurl/stream/0/format/0/codec/0/url_info");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["host"], "http://a.example:81");
  EXPECT_EQ(list[1]["host"], "http://b.example:" + std::to_string(other.port()));
}

TEST_F(ApiTest, FaultsAreUsedUp) {
  const std::string target = "/room/v1/Room/room_init?id=3";
  const Json api = Json::array({{{"endpoint", "room_init"}, {"count", 2}, {"httpStatus", 412}}});
  site.control("POST", "/rooms/3/faults", {{"api", api}});
  EXPECT_EQ(code(target), -412);
  EXPECT_EQ(status, 412);
  EXPECT_EQ(code("/room/v1/Room/get_info?room_id=3"), 0);
  EXPECT_EQ(code(target), -412);
  EXPECT_EQ(code(target), 0);
  site.control("POST", "/faults",
               {{"api", Json::array({{{"code", -352}}, {{"drop", true}}, {{"body", "<html>"}}})}});
  EXPECT_EQ(code(target), -352);
  EXPECT_EQ(site.get(target).status, 0);
  EXPECT_EQ(site.get(target).body, "<html>");
  EXPECT_EQ(code(target), 0);
}

TEST_F(ApiTest, TheRequestLogHoldsNoCookieValue) {
  get("/room/v1/Room/room_init?id=3", "Cookie: SESSDATA=topsecret; buvid3=x\r\nReferer: r\r\n");
  const HttpAnswer answer = site.loop.run_real(call(site.simulator().control_port(), "GET", "/requests/log"));
  const Json record = parse_json(answer.body);
  EXPECT_EQ(record["cookies"], Json({"SESSDATA", "buvid3"}));
  EXPECT_EQ(record["referer"], "r");
  EXPECT_EQ(record["roomId"], 3);
  EXPECT_EQ(answer.body.find("topsecret"), std::string::npos);
}

TEST_F(ApiTest, OneConnectionServesSeveralRequests) {
  const std::string second =
      "GET /room/v1/Room/room_init?id=99 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string replies = site.loop.run_real(
      exchange(site.port(), "GET /room/v1/Room/room_init?id=3 HTTP/1.1\r\nHost: h\r\n\r\n" + second));
  EXPECT_NE(replies.find("\"code\":0,"), std::string::npos);
  EXPECT_NE(replies.find("\"code\":60004,"), std::string::npos);
}

TEST_F(ApiTest, UnknownPathsAreNotFound) {
  EXPECT_EQ(code("/x/unknown"), -404);
  EXPECT_EQ(status, 404);
}

TEST_F(ApiTest, BrokenRequestsEndTheConnection) {
  EXPECT_EQ(site.loop.run_real(exchange(site.port(), "no request\r\n\r\n")), "");
}

}  // namespace
}  // namespace live::simulator
