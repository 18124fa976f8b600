// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/replies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.hpp"
#include "recorder/bilibili/fields.hpp"

namespace live::bilibili {
namespace {

constexpr int http_precondition_failed = 412;
constexpr int http_too_many = 429;
constexpr std::int64_t not_logged_in = -101;
constexpr std::int64_t get_info_no_room = 1;
constexpr std::size_t max_danmu_hosts = 32;
constexpr std::size_t max_error_text = 200;
constexpr std::uint16_t default_wss_port = 443;
constexpr std::uint16_t default_ws_port = 2244;
constexpr std::chrono::hours china_offset(8);
constexpr std::int64_t last_unix_second = 9'000'000'000;  // WallTime ends in 2262

Failure<ApiError> error(ErrorKind kind, std::int64_t code, std::string message) {
  return Failure<ApiError>{ApiError{code, std::move(message), kind}};
}

Failure<ApiError> malformed(std::string_view what) {
  return error(ErrorKind::malformed, 0, fmt::format("the reply has no {}", what));
}

std::string error_text(const Json& root, std::int64_t code) {
  std::string text = text_at(root, "/message");
  if (text.empty()) text = text_at(root, "/msg");
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  std::size_t end = std::min(text.size(), max_error_text);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text.empty() || text == std::to_string(code) ? fmt::format("code {}", code)
                                                      : fmt::format("code {}: {}", code, text);
}

// Some of the main site's calls answer an unsigned request with code 0 and nothing but a voucher.
bool only_voucher(const Json& data) {
  return data.is_object() && data.size() == 1 && data.contains("v_voucher");
}

// The reply's `data`, which may be of any kind. `also_good`: a code that is no error for this call.
ApiResult<Json> data_of(int http_status, std::string_view body, std::int64_t also_good = 0) {
  if (http_status == http_precondition_failed) {
    return error(ErrorKind::blocked, http_status, "HTTP 412: the service refuses our address");
  }
  if (http_status == http_too_many) return error(ErrorKind::rate_limited, http_status, "HTTP 429");
  Json root = parse_json(body);
  const std::optional<std::int64_t> code = json_int(json_at(root, "/code"));
  if (!code) {
    if (http_status < 200 || http_status > 299) {
      return error(ErrorKind::transient, http_status, fmt::format("HTTP {}", http_status));
    }
    return error(ErrorKind::malformed, 0,
                 root.is_discarded() ? "the reply is not JSON" : "the reply has no code");
  }
  if (*code != 0 && *code != also_good) {
    return error(kind_of_code(*code), *code, error_text(root, *code));
  }
  if (!root.contains("data")) return Json();
  Json data = std::move(root["data"]);
  if (only_voucher(data)) {
    return error(ErrorKind::risk_control, *code, "the service wants a check that only a browser can pass");
  }
  return data;
}

bool is_host_text(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
}

std::uint16_t port_at(const Json& value, std::string_view path, std::uint16_t otherwise) {
  const std::int64_t port = int_at(value, path);
  return port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : otherwise;
}

ApiResult<RoomStatus> read_room(const Json& data, std::string_view cover_path) {
  RoomStatus info;
  info.room.room_id = int_at(data, "/room_id");
  const std::optional<LiveStatus> status = live_status_at(data, "/live_status");
  if (info.room.room_id <= 0) return malformed("room_id");
  if (!status) return malformed("live_status");
  info.room.short_id = int_at(data, "/short_id");
  info.room.uid = int_at(data, "/uid");
  info.room.title = text_at(data, "/title");
  info.room.anchor = text_at(data, "/uname");
  info.room.area = text_at(data, "/area_name");
  info.room.parent_area = text_at(data, "/parent_area_name");
  info.room.cover_url = text_at(data, cover_path);
  info.status = *status;
  info.live_time = live_time_at(data, "/live_time");
  info.live_key = text_at(data, "/live_id_str");
  if (info.live_key == "0") info.live_key.clear();
  return info;
}

template <std::size_t N>
bool read_digits(std::string_view text, std::size_t at, int& value) {
  const char* begin = text.data() + at;
  const auto [end, ec] = std::from_chars(begin, begin + N, value);
  return ec == std::errc{} && end == begin + N && value >= 0;
}

}  // namespace

std::optional<WallTime> live_time_from_unix(std::int64_t seconds) {
  if (seconds <= 0 || seconds > last_unix_second) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

std::optional<WallTime> parse_live_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool shaped = text.size() == 19 && text[4] == '-' && text[7] == '-' && text[10] == ' ' &&
                      text[13] == ':' && text[16] == ':';
  if (!shaped) {
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return live_time_from_unix(seconds);
  }
  if (!read_digits<4>(text, 0, year) || !read_digits<2>(text, 5, month) || !read_digits<2>(text, 8, day) ||
      !read_digits<2>(text, 11, hour) || !read_digits<2>(text, 14, minute) ||
      !read_digits<2>(text, 17, second)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                    std::chrono::seconds(second) - china_offset;
  return live_time_from_unix(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

namespace replies {

ApiResult<RoomInit> room_init(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  RoomInit init;
  init.room_id = int_at(*data, "/room_id");
  const std::optional<LiveStatus> status = live_status_at(*data, "/live_status");
  if (init.room_id <= 0) return malformed("room_id");
  if (!status) return malformed("live_status");
  init.short_id = int_at(*data, "/short_id");
  init.uid = int_at(*data, "/uid");
  init.status = *status;
  init.live_time = live_time_at(*data, "/live_time");
  init.access.hidden = bool_at(*data, "/is_hidden");
  init.access.locked = bool_at(*data, "/is_locked");
  init.access.encrypted = bool_at(*data, "/encrypted") && !bool_at(*data, "/pwd_verified");
  init.access.paid = bool_at(*data, "/is_sp") || int_at(*data, "/special_type") == 1;
  return init;
}

ApiResult<RoomStatus> get_info(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) {
    ApiError failed = data.error();
    if (failed.code == get_info_no_room) failed.kind = ErrorKind::not_found;
    return Failure<ApiError>{std::move(failed)};
  }
  return read_room(*data, "/user_cover");
}

ApiResult<std::optional<RoomStatus>> room_base_info(int http_status, std::string_view body,
                                                    std::int64_t room_id) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  const Json& rooms = json_at(*data, "/by_room_ids");
  if (rooms.is_array() && rooms.empty()) return std::optional<RoomStatus>();  // PHP's empty object
  if (!rooms.is_object()) return malformed("by_room_ids");
  for (const auto& [key, entry] : rooms.items()) {
    const std::int64_t real_id = int_at(entry, "/room_id");
    const bool asked_for = real_id == room_id || int_at(entry, "/short_id") == room_id;
    if (!asked_for) continue;
    ApiResult<RoomStatus> info = read_room(entry, "/cover");
    if (!info) return Failure<ApiError>{info.error()};
    return std::optional<RoomStatus>(*std::move(info));
  }
  return std::optional<RoomStatus>();
}

ApiResult<std::string> anchor(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  return text_at(*data, "/info/uname");
}

ApiResult<PlayInfo> play_info(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  if (!live_status_at(*data, "/live_status")) return malformed("live_status");
  return read_play_info(*data);
}

ApiResult<DanmuInfo> danmu_info(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  DanmuInfo info;
  const Json& token = json_at(*data, "/token");
  if (token.is_string()) info.token = token.get<std::string>();
  if (info.token.empty()) return malformed("token");
  const Json& hosts = json_at(*data, "/host_list");
  for (std::size_t i = 0; hosts.is_array() && i < hosts.size() && info.hosts.size() < max_danmu_hosts; ++i) {
    DanmuHost host{text_at(hosts[i], "/host"), port_at(hosts[i], "/wss_port", default_wss_port),
                   port_at(hosts[i], "/ws_port", default_ws_port)};
    const bool again = std::find(info.hosts.begin(), info.hosts.end(), host) != info.hosts.end();
    if (!again && is_host_text(host.host)) info.hosts.push_back(std::move(host));
  }
  if (info.hosts.empty()) return malformed("host_list");
  return info;
}

ApiResult<NavInfo> nav(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body, not_logged_in);
  if (!data) return Failure<ApiError>{data.error()};
  if (!data->is_object()) return malformed("data");
  NavInfo info;
  info.logged_in = bool_at(*data, "/isLogin");
  info.uid = int_at(*data, "/mid");
  info.name = text_at(*data, "/uname");
  const Result<WbiKey> key =
      WbiKey::from_urls(text_at(*data, "/wbi_img/img_url"), text_at(*data, "/wbi_img/sub_url"));
  if (key) info.key = *key;
  return info;
}

ApiResult<std::string> finger_spi(int http_status, std::string_view body) {
  const ApiResult<Json> data = data_of(http_status, body);
  if (!data) return Failure<ApiError>{data.error()};
  const std::string buvid3 = text_at(*data, "/b_3");
  const bool clean =
      !buvid3.empty() && buvid3.size() <= 128 && std::all_of(buvid3.begin(), buvid3.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != ';' && c != ',' && c != '"' && c != '\\';
      });
  if (!clean) return malformed("usable b_3");
  return buvid3;
}

}  // namespace replies
}  // namespace live::bilibili
