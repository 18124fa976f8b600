// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/requests.hpp"

#include <gtest/gtest.h>

#include "support/scripted_http.hpp"

namespace live::bilibili {
namespace {

using live::test::path_of;
using live::test::query_value;

const WbiKey key = *WbiKey::mix("7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45");

TEST(RequestsTest, SendsTheHeadersOfTheWebClient) {
  ApiOptions options;
  options.user_agent = "Agent/1";
  const net::HttpRequest request = requests::room_init(options, {"", "DEVICEinfoc"}, 76);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url.text(), "https://api.live.bilibili.com/room/v1/Room/room_init?id=76");
  EXPECT_EQ(request.headers.get("User-Agent"), "Agent/1");
  EXPECT_EQ(request.headers.get("Referer"), "https://live.bilibili.com/");
  EXPECT_EQ(request.headers.get("Origin"), "https://live.bilibili.com");
  EXPECT_EQ(request.headers.get("Cookie"), "buvid3=DEVICEinfoc");
  EXPECT_EQ(request.timeout, std::chrono::seconds(10));
}

TEST(RequestsTest, AddsTheDeviceToTheCookie) {
  const ApiOptions options;
  const auto cookie = [&](const Identity& identity) {
    return requests::get_info(options, identity, 1).headers.get("Cookie");
  };
  EXPECT_EQ(cookie({"", ""}), std::nullopt);
  EXPECT_EQ(cookie({"SESSDATA=a%2Cb; DedeUserID=5", "D"}), "SESSDATA=a%2Cb; DedeUserID=5; buvid3=D");
  EXPECT_EQ(cookie({" SESSDATA=a; \n", "D"}), "SESSDATA=a; buvid3=D");
  EXPECT_EQ(cookie({"buvid3=own; SESSDATA=a", "D"}), "buvid3=own; SESSDATA=a");
  EXPECT_EQ(cookie({"a=1\r\nX-Evil: 1", ""}), "a=1X-Evil: 1");
}

TEST(RequestsTest, ReadsTheCookie) {
  const Identity identity{"SESSDATA=x; DedeUserID=3546569288714792;buvid3=B; e=", "D"};
  EXPECT_EQ(identity.uid(), 3546569288714792);
  EXPECT_EQ(identity.effective_buvid3(), "B");
  EXPECT_EQ(identity.cookie_value("UserID"), "");
  EXPECT_EQ((Identity{"DedeUserID=-5", "D"}.uid()), 0);
  EXPECT_EQ((Identity{"DedeUserID=5x", "D"}.uid()), 0);
  EXPECT_EQ((Identity{"", "D"}.effective_buvid3()), "D");
}

TEST(RequestsTest, KeepsThePathOfABase) {
  ApiOptions options;
  options.live_api = *net::parse_url("http://127.0.0.1:8080/bili/");
  EXPECT_EQ(requests::get_info(options, {}, 5).url.text(),
            "http://127.0.0.1:8080/bili/room/v1/Room/get_info?room_id=5");
  EXPECT_EQ(requests::nav(options, {}).url.text(), "https://api.bilibili.com/x/web-interface/nav");
  EXPECT_EQ(requests::finger_spi(options, {}).url.text(), "https://api.bilibili.com/x/frontend/finger/spi");
}

TEST(RequestsTest, AsksForTheStatusOfOneRoom) {
  EXPECT_EQ(requests::room_base_info({}, {}, 23058).url.target,
            "/xlive/web-room/v1/index/getRoomBaseInfo?req_biz=web_room_componet&room_ids=23058");
  EXPECT_EQ(requests::anchor({}, {}, 23058).url.target,
            "/live_user/v1/UserInfo/get_anchor_in_room?roomid=23058");
}

TEST(RequestsTest, SignsWhatHasToBeSigned) {
  const net::HttpRequest danmu = requests::danmu_info({}, {}, 5553263, {&key, 1776925721});
  EXPECT_EQ(path_of(danmu), "/xlive/web-room/v1/index/getDanmuInfo");
  EXPECT_EQ(danmu.url.target.substr(danmu.url.target.find('?') + 1),
            sign_query({{"id", "5553263"}, {"type", "0"}, {"web_location", "444.8"}}, key, 1776925721));

  const net::HttpRequest play = requests::play_info({}, {}, 23058, 10000, {&key, 5});
  EXPECT_EQ(path_of(play), "/xlive/web-room/v2/index/getRoomPlayInfo");
  EXPECT_EQ(query_value(play, "room_id"), "23058");
  EXPECT_EQ(query_value(play, "qn"), "10000");
  EXPECT_EQ(query_value(play, "protocol"), "0%2C1");
  EXPECT_EQ(query_value(play, "format"), "0%2C1%2C2");
  EXPECT_EQ(query_value(play, "wts"), "5");
  EXPECT_EQ(query_value(play, "w_rid").size(), 32u);
}

TEST(RequestsTest, GoesUnsignedWithoutAKey) {
  const net::HttpRequest play = requests::play_info({}, {}, 23058, 400, {});
  EXPECT_EQ(query_value(play, "qn"), "400");
  EXPECT_EQ(query_value(play, "w_rid"), "");
}

TEST(RequestsTest, GivesNoCookieToOtherHosts) {
  EXPECT_EQ(plain_headers({}).get("Cookie"), std::nullopt);
  EXPECT_EQ(plain_headers({}).get("User-Agent"), std::string(default_user_agent));
}

}  // namespace
}  // namespace live::bilibili
