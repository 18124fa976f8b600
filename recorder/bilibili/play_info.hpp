// SPDX-License-Identifier: Apache-2.0
// The tree of getRoomPlayInfo, flat. No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "recorder/bilibili/room_info.hpp"

namespace live::bilibili {

enum class StreamFormat { flv, ts, fmp4 };
enum class Codec { avc, hevc, av1 };
std::string_view to_string(StreamFormat format);
std::string_view to_string(Codec codec);

struct StreamHost {
  std::string host;   // "https://name[:port]"
  std::string extra;  // rest of the query
};
struct StreamEntry {
  StreamFormat format = StreamFormat::flv;
  Codec codec = Codec::avc;
  int current_qn = 0;          // what these addresses give
  std::vector<int> accept_qn;  // what could be asked for
  std::string base_url;
  std::vector<StreamHost> hosts;  // may be empty: an entry without addresses
  bool drm = false;
};
struct QualityName {
  int qn = 0;
  std::string name;
};

struct PlayInfo {
  std::int64_t room_id = 0;
  std::int64_t short_id = 0;
  std::int64_t uid = 0;
  LiveStatus status = LiveStatus::idle;
  std::optional<WallTime> live_time;
  RoomAccess access;
  bool has_streams = false;  // false: playurl_info was null
  std::vector<StreamEntry> streams;
  std::vector<QualityName> quality_names;
};

// From the reply's `data`, or from a tree of the same kind inside a message. Takes what it understands; lists
// are cut at these bounds.
constexpr std::size_t max_stream_entries = 64;
constexpr std::size_t max_stream_hosts = 32;
constexpr std::size_t max_qualities = 64;
PlayInfo read_play_info(const Json& data);

}  // namespace live::bilibili
