// SPDX-License-Identifier: Apache-2.0
// What the API calls answer, as structs. No I/O; never throws.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "recorder/bilibili/api_error.hpp"
#include "recorder/bilibili/play_info.hpp"
#include "recorder/bilibili/room_info.hpp"
#include "recorder/bilibili/signing.hpp"

namespace live::bilibili {

template <class T>
using ApiResult = Result<T, ApiError>;

struct NavInfo {
  bool logged_in = false;
  std::int64_t uid = 0;
  std::string name;
  std::optional<WbiKey> key;
};

struct DanmuHost {
  std::string host;
  std::uint16_t wss_port = 0;
  std::uint16_t ws_port = 0;
  bool operator==(const DanmuHost&) const = default;
};
struct DanmuInfo {
  std::string token;
  std::vector<DanmuHost> hosts;  // at least one, each once, in the server's order
};

namespace replies {
ApiResult<RoomInit> room_init(int http_status, std::string_view body);
ApiResult<RoomStatus> get_info(int http_status, std::string_view body);
// nullopt: the answer holds no such room (unknown, or hidden).
ApiResult<std::optional<RoomStatus>> room_base_info(int http_status, std::string_view body,
                                                    std::int64_t room_id);
ApiResult<std::string> anchor(int http_status, std::string_view body);  // the name; empty without an anchor
ApiResult<PlayInfo> play_info(int http_status, std::string_view body);
ApiResult<DanmuInfo> danmu_info(int http_status, std::string_view body);
// "Not logged in" (-101) is an answer, no error.
ApiResult<NavInfo> nav(int http_status, std::string_view body);
ApiResult<std::string> finger_spi(int http_status, std::string_view body);  // buvid3
}  // namespace replies

// Unix seconds, or "YYYY-MM-DD hh:mm:ss" of UTC+8; nullopt for each of the forms that mean "not live".
std::optional<WallTime> parse_live_time(std::string_view text);
std::optional<WallTime> live_time_from_unix(std::int64_t seconds);

}  // namespace live::bilibili
