// SPDX-License-Identifier: Apache-2.0
// A room at Bilibili for tests of the drivers: answers API calls and danmaku connections out of one small
// state.
#pragma once
#include <string>

#include "recorder/bilibili/api_client.hpp"
#include "support/loop.hpp"
#include "support/scripted_http.hpp"
#include "support/scripted_websocket.hpp"

namespace live::bilibili::test {

inline constexpr const char* room_init_path = "/room/v1/Room/room_init";
inline constexpr const char* get_info_path = "/room/v1/Room/get_info";
inline constexpr const char* base_info_path = "/xlive/web-room/v1/index/getRoomBaseInfo";
inline constexpr const char* anchor_path = "/live_user/v1/UserInfo/get_anchor_in_room";
inline constexpr const char* play_info_path = "/xlive/web-room/v2/index/getRoomPlayInfo";
inline constexpr const char* danmu_info_path = "/xlive/web-room/v1/index/getDanmuInfo";
inline constexpr const char* nav_path = "/x/web-interface/nav";
inline constexpr const char* spi_path = "/x/frontend/finger/spi";

struct FakeRoom {
  std::int64_t room_id = 23058;
  std::int64_t short_id = 3;
  int live_status = 0;
  std::int64_t live_time = 0;
  std::string title = "title";
  bool exists = true;
  bool listed = true;  // in getRoomBaseInfo
  bool locked = false;
  bool encrypted = false;
  int current_qn = 10000;
  std::string accept_qn = "10000,400";
};

class FakeService {
 public:
  explicit FakeService(live::test::Loop& loop);

  // Every connected client gets it.
  void push(std::string_view json);
  live::test::SocketPeer& newest_peer() { return *sockets.peers.back(); }

  FakeRoom room;
  std::string img_key = "7cd084941338484aae1ad9425b84077c";
  std::string sub_key = "4932caff0ff746eab6f01bf08b70ac45";
  bool checks_signatures = true;  // -352 for a wrong or missing one, and without buvid3
  bool answers_heartbeats = true;
  std::string auth_reply = R"({"code":0})";
  int status = 0;  // when not 0: every call is answered by this HTTP status and no body

  live::test::ScriptedHttp http;
  live::test::ScriptedSockets sockets;

 private:
  void handle(const char* path, std::string (FakeService::*body)(const net::HttpRequest&));
  bool well_signed(const net::HttpRequest& request) const;
  std::string room_init(const net::HttpRequest&);
  std::string get_info(const net::HttpRequest&);
  std::string base_info(const net::HttpRequest&);
  std::string anchor(const net::HttpRequest&);
  std::string play_info(const net::HttpRequest&);
  std::string danmu_info(const net::HttpRequest&);
  std::string nav(const net::HttpRequest&);
  std::string spi(const net::HttpRequest&);
  void answer(live::test::SocketPeer& peer, const Bytes& message);
};

}  // namespace live::bilibili::test
