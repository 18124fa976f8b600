// SPDX-License-Identifier: Apache-2.0
#include "unit/bilibili/fake_service.hpp"

#include <fmt/format.h>

#include "base/time_format.hpp"
#include "recorder/bilibili/packet.hpp"
#include "unit/bilibili/packet_builder.hpp"

namespace live::bilibili::test {
namespace {

std::string live_time_text(std::int64_t unix_seconds) {
  if (unix_seconds == 0) return "0000-00-00 00:00:00";
  std::string text = format_rfc3339(WallTime(std::chrono::seconds(unix_seconds) + std::chrono::hours(8)));
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::string room_fields(const FakeRoom& room) {
  return fmt::format(
      R"("room_id":{},"short_id":{},"uid":5,"live_status":{},"title":"{}","area_name":"area","parent_area_name":"parent")",
      room.room_id, room.short_id, room.live_status, room.title);
}

const std::string refused = R"({"code":-352,"message":"-352","ttl":1})";

}  // namespace

FakeService::FakeService(live::test::Loop& loop) : http(loop.clock), sockets(loop.executor()) {
  handle(room_init_path, &FakeService::room_init);
  handle(get_info_path, &FakeService::get_info);
  handle(base_info_path, &FakeService::base_info);
  handle(anchor_path, &FakeService::anchor);
  handle(play_info_path, &FakeService::play_info);
  handle(danmu_info_path, &FakeService::danmu_info);
  handle(nav_path, &FakeService::nav);
  handle(spi_path, &FakeService::spi);
  sockets.on_message = [this](live::test::SocketPeer& peer, const Bytes& message) { answer(peer, message); };
}

void FakeService::handle(const char* path, std::string (FakeService::*body)(const net::HttpRequest&)) {
  http.on(path, [this, body](const net::HttpRequest& request) {
    if (status != 0) return net::HttpResponse{status, {}, {}};
    return net::HttpResponse{200, {}, (this->*body)(request)};
  });
}

void FakeService::push(std::string_view json) {
  for (const auto& peer : sockets.peers) {
    if (!peer->closed) peer->push(plain_message(json));
  }
}

void FakeService::answer(live::test::SocketPeer& peer, const Bytes& message) {
  const DecodedFrame frame = decode_frame(message);
  for (const Packet& one : frame.packets) {
    if (one.operation == Operation::auth && !auth_reply.empty()) {
      peer.push(packet(Operation::auth_reply, BodyVersion::control, auth_reply));
    }
    if (one.operation == Operation::heartbeat && answers_heartbeats) {
      peer.push(packet(Operation::heartbeat_reply, BodyVersion::control, std::string_view("\0\0\0\1", 4)));
    }
  }
}

bool FakeService::well_signed(const net::HttpRequest& request) const {
  if (!checks_signatures) return true;
  if (request.headers.get("Cookie").value_or("").find("buvid3=") == std::string::npos) return false;
  const std::string query = request.url.target.substr(request.url.target.find('?') + 1);
  const std::size_t at = query.find("&w_rid=");
  if (at == std::string::npos) return false;
  return md5_hex(query.substr(0, at) + WbiKey::mix(img_key, sub_key)->text()) == query.substr(at + 7);
}

std::string FakeService::room_init(const net::HttpRequest&) {
  if (!room.exists) return R"({"code":60004,"msg":"no room","message":"no room","data":[]})";
  return fmt::format(
      R"({{"code":0,"data":{{{},"is_locked":{},"encrypted":{},"pwd_verified":false,"live_time":{}}}}})",
      room_fields(room), room.locked, room.encrypted, room.live_time);
}

std::string FakeService::get_info(const net::HttpRequest&) {
  if (!room.exists) return R"({"code":1,"data":[]})";
  return fmt::format(R"({{"code":0,"data":{{{},"live_time":"{}"}}}})", room_fields(room),
                     live_time_text(room.live_time));
}

std::string FakeService::base_info(const net::HttpRequest&) {
  if (!room.exists || !room.listed) return R"({"code":0,"data":{"by_uids":{},"by_room_ids":{}}})";
  return fmt::format(
      R"({{"code":0,"data":{{"by_uids":{{}},"by_room_ids":{{"{}":{{{},"uname":"anchor","live_time":"{}"}}}}}}}})",
      room.room_id, room_fields(room), live_time_text(room.live_time));
}

std::string FakeService::anchor(const net::HttpRequest&) {
  return R"({"code":0,"data":{"info":{"uname":"anchor"}}})";
}

std::string FakeService::play_info(const net::HttpRequest& request) {
  if (!well_signed(request)) return refused;
  const std::string streams = fmt::format(
      R"({{"playurl":{{"stream":[{{"format":[{{"format_name":"flv","codec":[{{"codec_name":"avc","current_qn":{},
          "accept_qn":[{}],"base_url":"/live_5_6.flv?","url_info":[{{"host":"https://media.example","extra":"expires=1"}}]}}]}}]}}]}}}})",
      room.current_qn, room.accept_qn);
  return fmt::format(
      R"({{"code":0,"data":{{{},"is_locked":{},"encrypted":{},"pwd_verified":false,"live_time":{},"playurl_info":{}}}}})",
      room_fields(room), room.locked, room.encrypted, room.live_time,
      room.live_status == 1 ? streams : "null");
}

std::string FakeService::danmu_info(const net::HttpRequest& request) {
  if (!well_signed(request)) return refused;
  return R"({"code":0,"data":{"token":"TOKEN","host_list":[{"host":"a.example","wss_port":2245,"ws_port":2244},
             {"host":"b.example","wss_port":2245,"ws_port":2244}]}})";
}

std::string FakeService::nav(const net::HttpRequest&) {
  return fmt::format(
      R"({{"code":-101,"data":{{"isLogin":false,"wbi_img":{{"img_url":"https://h/{}.png","sub_url":"https://h/{}.png"}}}}}})",
      img_key, sub_key);
}

std::string FakeService::spi(const net::HttpRequest&) {
  return R"({"code":0,"data":{"b_3":"D9656DA8-9BEF-F464-5B72-C4849AFD336379044infoc","b_4":"x"}})";
}

}  // namespace live::bilibili::test
