// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace live::bilibili {

const std::string_view default_user_agent =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 "
    "Safari/537.36";

namespace {

constexpr std::string_view web_location = "444.8";  // the page of a live room

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string cookie_header(const Identity& identity) {
  std::string header(trim(identity.cookie));
  if (!identity.buvid3.empty() && identity.cookie_value("buvid3").empty()) {
    if (!header.empty()) header += header.back() == ';' ? " " : "; ";
    header += "buvid3=" + identity.buvid3;
  }
  // Both come out of files; a line break would begin another header.
  header.erase(std::remove_if(header.begin(), header.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
               header.end());
  return header;
}

net::HttpRequest get(const ApiOptions& options, const Identity& identity, const net::Url& base,
                     std::string_view path, const std::string& query) {
  net::HttpRequest request;
  request.url = base;
  request.url.target = base.target.substr(0, base.target.find('?'));
  while (!request.url.target.empty() && request.url.target.back() == '/') request.url.target.pop_back();
  request.url.target += path;
  if (!query.empty()) request.url.target += "?" + query;
  request.headers = plain_headers(options);
  request.headers.set("Accept", "application/json, text/javascript, */*; q=0.01");
  request.headers.set("Accept-Language", "zh-CN");
  std::string cookie = cookie_header(identity);
  if (!cookie.empty()) request.headers.set("Cookie", std::move(cookie));
  request.timeout = options.timeout;
  return request;
}

std::string signed_or_plain(Parameters parameters, Signature signature) {
  if (!signature.key) return encode_query(parameters);
  return sign_query(std::move(parameters), *signature.key, signature.unix_seconds);
}

}  // namespace

std::string Identity::cookie_value(std::string_view name) const {
  std::string_view rest = cookie;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    const std::string_view pair = trim(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

std::string Identity::effective_buvid3() const {
  std::string own = cookie_value("buvid3");
  return own.empty() ? buvid3 : own;
}

std::int64_t Identity::uid() const {
  const std::string text = cookie_value("DedeUserID");
  std::int64_t uid = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), uid);
  return ec == std::errc{} && end == text.data() + text.size() && uid > 0 ? uid : 0;
}

net::Headers plain_headers(const ApiOptions& options) {
  return {{"User-Agent", options.user_agent},
          {"Referer", "https://live.bilibili.com/"},
          {"Origin", "https://live.bilibili.com"}};
}

namespace requests {

net::HttpRequest room_init(const ApiOptions& options, const Identity& identity, std::int64_t room_id) {
  return get(options, identity, options.live_api, "/room/v1/Room/room_init", fmt::format("id={}", room_id));
}

net::HttpRequest get_info(const ApiOptions& options, const Identity& identity, std::int64_t room_id) {
  return get(options, identity, options.live_api, "/room/v1/Room/get_info",
             fmt::format("room_id={}", room_id));
}

net::HttpRequest room_base_info(const ApiOptions& options, const Identity& identity, std::int64_t room_id) {
  // "componet" is how the service spells it.
  return get(options, identity, options.live_api, "/xlive/web-room/v1/index/getRoomBaseInfo",
             fmt::format("req_biz=web_room_componet&room_ids={}", room_id));
}

net::HttpRequest anchor(const ApiOptions& options, const Identity& identity, std::int64_t room_id) {
  return get(options, identity, options.live_api, "/live_user/v1/UserInfo/get_anchor_in_room",
             fmt::format("roomid={}", room_id));
}

net::HttpRequest play_info(const ApiOptions& options, const Identity& identity, std::int64_t room_id, int qn,
                           Signature signature) {
  Parameters parameters = {{"room_id", std::to_string(room_id)},
                           {"protocol", "0,1"},
                           {"format", "0,1,2"},
                           {"codec", "0,1"},
                           {"qn", std::to_string(qn)},
                           {"platform", "web"},
                           {"ptype", "8"},
                           {"dolby", "5"},
                           {"panorama", "1"}};
  return get(options, identity, options.live_api, "/xlive/web-room/v2/index/getRoomPlayInfo",
             signed_or_plain(std::move(parameters), signature));
}

net::HttpRequest danmu_info(const ApiOptions& options, const Identity& identity, std::int64_t room_id,
                            Signature signature) {
  Parameters parameters = {
      {"id", std::to_string(room_id)}, {"type", "0"}, {"web_location", std::string(web_location)}};
  return get(options, identity, options.live_api, "/xlive/web-room/v1/index/getDanmuInfo",
             signed_or_plain(std::move(parameters), signature));
}

net::HttpRequest nav(const ApiOptions& options, const Identity& identity) {
  return get(options, identity, options.api, "/x/web-interface/nav", "");
}

net::HttpRequest finger_spi(const ApiOptions& options, const Identity& identity) {
  return get(options, identity, options.api, "/x/frontend/finger/spi", "");
}

}  // namespace requests
}  // namespace live::bilibili
