// SPDX-License-Identifier: Apache-2.0
// The HTTP interfaces of both base addresses: who may call, and what is answered. No I/O.
#pragma once
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "simulator/answers.hpp"
#include "simulator/http_message.hpp"
#include "simulator/world.hpp"

namespace live::simulator {

struct ApiSettings {
  int http_port = 0, https_port = 0;  // of our listeners; 0: none
  // Names for streams and sockets, each with ports; none: the host of the request with our own ports.
  std::vector<PublicHost> public_hosts;
  int oldest_chrome = 120;           // getDanmuInfo refuses older browsers, and what is none
  bool need_referer = false;         // getRoomPlayInfo refuses requests without
  bool need_play_signature = false;  // getRoomPlayInfo refuses requests without WBI
};

class Api {
 public:
  Api(World& world, ApiSettings settings) : world_(world), settings_(std::move(settings)) {}

  ApiSettings& settings() { return settings_; }
  Reply answer(const Request& request);

 private:
  using Handler = Json (Api::*)(const Request&);
  static Handler handler_of(const std::string& path);

  Json room_init(const Request& request);
  Json get_info(const Request& request);
  Json info_by_room(const Request& request);
  Json base_info(const Request& request);
  Json play_info(const Request& request);
  Json danmu_info(const Request& request);
  Json anchor(const Request& request);
  Json nav(const Request& request);
  Json spi(const Request& request);

  bool logged_in(const Request& request) const;
  std::int64_t account(const Request& request) const;  // 0: guest
  std::vector<PublicHost> hosts(const Request& request) const;
  const RoomState* state(std::optional<std::int64_t> id) const;
  std::optional<ApiFault> take_fault(const std::string& endpoint, std::int64_t room_id);
  void log(const Request& request, const std::string& endpoint, std::int64_t room_id, int status,
           const Json& body);

  World& world_;
  ApiSettings settings_;
};

}  // namespace live::simulator
