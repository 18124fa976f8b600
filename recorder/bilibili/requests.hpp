// SPDX-License-Identifier: Apache-2.0
// Every API call as a value. No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/address_family.hpp"
#include "net/http.hpp"
#include "recorder/bilibili/signing.hpp"

namespace live::bilibili {

// An outdated browser alone makes getDanmuInfo answer -352: a setting, to be raised with time.
extern const std::string_view default_user_agent;

struct ApiOptions {
  // Bases may carry a path, for reverse proxies. With an http base the danmaku socket is ws, not wss.
  net::Url live_api{"https", "api.live.bilibili.com", 443, "/"};
  net::Url api{"https", "api.bilibili.com", 443, "/"};
  std::string user_agent{default_user_agent};
  Duration timeout = std::chrono::seconds(10);
  // Of the danmaku socket and of media; the API's HTTP client has its own proxy.
  std::optional<net::Url> proxy = {};
  net::AddressFamily address_family = net::AddressFamily::any;
};

// Who asks. A credential: never to be logged, sent to the two API hosts only.
struct Identity {
  std::string cookie;  // the user's, "a=1; b=2"; empty for a guest
  std::string buvid3;  // device id; the cookie's own one comes first

  // The value of one cookie; empty when there is none.
  std::string cookie_value(std::string_view name) const;
  std::string effective_buvid3() const;
  std::int64_t uid() const;  // DedeUserID; 0 for a guest
};

// Signed calls go unsigned without a key (some still answer then).
struct Signature {
  const WbiKey* key = nullptr;
  std::int64_t unix_seconds = 0;
};

namespace requests {
net::HttpRequest room_init(const ApiOptions&, const Identity&, std::int64_t room_id);
net::HttpRequest get_info(const ApiOptions&, const Identity&, std::int64_t room_id);
net::HttpRequest room_base_info(const ApiOptions&, const Identity&, std::int64_t room_id);
net::HttpRequest anchor(const ApiOptions&, const Identity&, std::int64_t room_id);
// `qn`: the quality wanted.
net::HttpRequest play_info(const ApiOptions&, const Identity&, std::int64_t room_id, int qn, Signature);
// `room_id`: the real one.
net::HttpRequest danmu_info(const ApiOptions&, const Identity&, std::int64_t room_id, Signature);
net::HttpRequest nav(const ApiOptions&, const Identity&);
net::HttpRequest finger_spi(const ApiOptions&, const Identity&);
}  // namespace requests

// Headers for the danmaku socket and for media hosts: User-Agent, Referer, Origin; no cookie.
net::Headers plain_headers(const ApiOptions&);

}  // namespace live::bilibili
