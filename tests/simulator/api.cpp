// SPDX-License-Identifier: Apache-2.0
#include "simulator/api.hpp"

#include <fmt/format.h>

#include <map>

#include "base/json.hpp"

namespace live::simulator {
namespace {

constexpr std::int64_t default_account = 20'000'001;  // of a SESSDATA without DedeUserID

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::int64_t room_of(const Request& request) {
  for (const char* name : {"room_id", "id", "roomid", "room_ids"})
    if (const auto id = find_int(request.query, name)) return *id;
  return 0;
}

int chrome_version(const std::string& user_agent) {
  const std::size_t at = user_agent.find("Chrome/");
  if (!user_agent.starts_with("Mozilla/5.0") || at == std::string::npos) return 0;
  const std::string_view rest = std::string_view(user_agent).substr(at + 7);
  return static_cast<int>(to_int(rest.substr(0, rest.find('.'))).value_or(0));
}

bool in_list(const std::optional<std::string>& list, std::string_view wanted) {
  if (!list) return false;
  std::string_view rest = *list;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    if (part == wanted) return true;
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  return false;
}

std::vector<std::string> cookie_names(std::string_view header) {
  std::vector<std::string> names;
  while (!header.empty() && names.size() < 20) {
    std::string_view part = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    names.push_back(clip(std::string(part.substr(0, part.find('='))), 40));
  }
  return names;
}

}  // namespace

Api::Handler Api::handler_of(const std::string& path) {
  static const std::map<std::string, Handler> handlers = {
      {"/room/v1/Room/room_init", &Api::room_init},
      {"/room/v1/Room/get_info", &Api::get_info},
      {"/xlive/web-room/v1/index/getInfoByRoom", &Api::info_by_room},
      {"/xlive/web-room/v1/index/getRoomBaseInfo", &Api::base_info},
      {"/xlive/web-room/v2/index/getRoomPlayInfo", &Api::play_info},
      {"/xlive/web-room/v1/index/getDanmuInfo", &Api::danmu_info},
      {"/live_user/v1/UserInfo/get_anchor_in_room", &Api::anchor},
      {"/x/web-interface/nav", &Api::nav},
      {"/x/frontend/finger/spi", &Api::spi}};
  const auto at = handlers.find(path);
  return at == handlers.end() ? nullptr : at->second;
}

Reply Api::answer(const Request& request) {
  const std::string endpoint = last_part(request.path);
  const std::int64_t room_id = room_of(request);
  Reply reply;
  const auto fault = take_fault(endpoint, room_id);
  if (fault) reply.delay = fault->delay;
  if (fault && fault->drop) {
    log(request, endpoint, room_id, 0, nullptr);
    reply.drop = true;
    return reply;
  }
  const Handler handler = handler_of(request.path);
  Json body;
  if (fault && (fault->code || fault->http_status)) {
    reply.status = static_cast<int>(fault->http_status.value_or(200));
    const std::int64_t code = fault->code.value_or(-reply.status);
    body = code == -352 ? risk_control(world_.voucher())
                        : envelope(static_cast<int>(code), "请求被拦截", nullptr);
  } else if (!handler) {
    reply.status = 404;
    body = envelope(-404, "啥都木有", nullptr);
  } else {
    body = (this->*handler)(request);
  }
  if (const auto voucher = json_string(json_at(body, "/data/v_voucher")))
    reply.headers.emplace_back("x-bili-gaia-vvoucher", *voucher);
  log(request, endpoint, room_id, reply.status, body);
  reply.body = fault && fault->body ? *fault->body : dump_json(body);
  return reply;
}

std::optional<ApiFault> Api::take_fault(const std::string& endpoint, std::int64_t room_id) {
  const auto matches = [&endpoint](const ApiFault& fault) {
    return fault.endpoint.empty() || fault.endpoint == endpoint;
  };
  if (Room* room = world_.find_room_by_any(room_id))
    if (auto fault = room->state.faults.api.take(matches)) return fault;
  return world_.faults.api.take(matches);
}

void Api::log(const Request& request, const std::string& endpoint, std::int64_t room_id, int status,
              const Json& body) {
  RequestRecord record;
  record.wall_ms = to_ms(world_.wall_now());
  record.endpoint = clip(endpoint, 60);
  record.room_id = room_id;
  record.status = status;
  record.code = json_int(json_at(body, "/code")).value_or(0);
  record.peer = request.peer;
  record.user_agent = clip(request.header("User-Agent"));
  record.referer = clip(request.header("Referer"));
  record.cookies = cookie_names(request.header("Cookie"));
  record.tls = request.tls;
  world_.requests.add(std::move(record));
}

bool Api::logged_in(const Request& request) const {
  return world_.session_valid && !request.cookie("SESSDATA").value_or("").empty();
}

std::int64_t Api::account(const Request& request) const {
  if (!logged_in(request)) return 0;
  return to_int(request.cookie("DedeUserID").value_or("")).value_or(default_account);
}

std::vector<PublicHost> Api::hosts(const Request& request) const {
  if (!settings_.public_hosts.empty()) return settings_.public_hosts;
  return {{request.host, settings_.http_port, settings_.https_port}};
}

const RoomState* Api::state(std::optional<std::int64_t> id) const {
  const Room* room = id ? world_.find_room_by_any(*id) : nullptr;
  return room ? &room->state : nullptr;
}

Json Api::room_init(const Request& request) {
  return room_init_answer(state(find_int(request.query, "id")), world_.now());
}

Json Api::get_info(const Request& request) {
  auto id = find_int(request.query, "room_id");
  if (!id) id = find_int(request.query, "id");
  return get_info_answer(state(id), world_.now());
}

Json Api::info_by_room(const Request& request) {
  if (check_wbi(request.raw_query, world_.keys, world_.wall_now()) != WbiVerdict::good)
    return risk_control(world_.voucher());
  return info_by_room_answer(state(find_int(request.query, "room_id")), world_.now());
}

Json Api::base_info(const Request& request) {
  std::vector<const RoomState*> rooms;
  bool asked = false;
  for (const auto& [name, value] : request.query) {
    if (name != "room_ids") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      asked = true;
      if (const RoomState* room = state(to_int(part))) rooms.push_back(room);
    }
  }
  if (!asked || !find(request.query, "req_biz")) return envelope(-400, "请求错误", nullptr);
  return base_info_answer(rooms, world_.now());
}

Json Api::play_info(const Request& request) {
  const WbiVerdict verdict = check_wbi(request.raw_query, world_.keys, world_.wall_now());
  const bool signed_well =
      verdict == WbiVerdict::good || (verdict == WbiVerdict::absent && !settings_.need_play_signature);
  const bool from_page = !settings_.need_referer || !request.header("Referer").empty();
  if (!signed_well || !from_page) return risk_control(world_.voucher());
  PlayRequest play;
  play.quality = static_cast<int>(find_int(request.query, "qn").value_or(150));
  play.flv = in_list(find(request.query, "protocol"), "0") && in_list(find(request.query, "format"), "0") &&
             in_list(find(request.query, "codec"), "0");
  play.fmp4 = in_list(find(request.query, "protocol"), "1") && in_list(find(request.query, "format"), "2") &&
              in_list(find(request.query, "codec"), "0");
  play.logged_in = logged_in(request);
  return play_info_answer(state(find_int(request.query, "room_id")), play, hosts(request), request.tls,
                          world_.url_secret, world_.wall_now(), world_.now());
}

Json Api::danmu_info(const Request& request) {
  const bool known_device = !request.cookie("buvid3").value_or("").empty();
  const bool browser = chrome_version(request.header("User-Agent")) >= settings_.oldest_chrome;
  const WbiVerdict verdict = check_wbi(request.raw_query, world_.keys, world_.wall_now());
  if (!known_device || !browser || verdict != WbiVerdict::good) return risk_control(world_.voucher());
  const auto id = find_int(request.query, "id");
  const Room* room = id ? world_.find_room(*id) : nullptr;  // short numbers are refused
  if (!room) return envelope(1002002, "参数错误", nullptr);
  const std::string token = world_.tokens.issue(*id, account(request), world_.random);
  return danmu_info_answer(token, hosts(request));
}

Json Api::anchor(const Request& request) { return anchor_answer(state(find_int(request.query, "roomid"))); }

Json Api::nav(const Request& request) {
  return nav_answer(world_.keys, logged_in(request), account(request));
}

Json Api::spi(const Request&) {
  std::string id = world_.random.uuid();
  for (char& c : id) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto digits = world_.random.between(10'000, 99'999);
  return spi_answer(fmt::format("{}{}infoc", id, digits),
                    fmt::format("{}{}-024072309-{}", id, digits, "c2ltdWxhdGVkLWRldmljZQ=="));
}

}  // namespace live::simulator
