// SPDX-License-Identifier: Apache-2.0
// Addresses of streams: made for getRoomPlayInfo, checked when a connection opens. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace live::simulator {

struct StreamAddress {
  std::string base_url;  // path, ending in "?"
  std::string extra;     // query
};

struct StreamKey {
  std::int64_t room_id;
  std::int64_t uid;
  int quality;
};

enum class StreamKind { flv, hls };  // HLS: the address of its playlist

// The signature covers path, expiry and quality; `secret` is the server's own.
StreamAddress make_stream_address(const StreamKey& key, WallTime expires, int order,
                                  const std::string& secret, StreamKind kind = StreamKind::flv);

enum class StreamVerdict { good, unknown_path, expired, wrong_signature };
struct OpenedStream {
  StreamVerdict verdict;
  std::int64_t room_id = 0;
  int quality = 0;
};
// The room that any path below /live-bvc/ belongs to.
std::optional<std::int64_t> room_of_path(std::string_view path);
OpenedStream check_stream_target(std::string_view target, WallTime now, const std::string& secret);

inline constexpr std::string_view stream_path_prefix = "/live-bvc/";

}  // namespace live::simulator
