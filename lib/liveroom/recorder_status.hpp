// SPDX-License-Identifier: Apache-2.0
// The part of a LiveRoom's status that its recorder owns. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "liveroom/conditions.hpp"

namespace live::liveroom {

// The room at Bilibili.
struct RoomStatus {
  std::int64_t id = 0;        // the real number
  std::int64_t short_id = 0;  // 0: none
  std::int64_t uid = 0;       // of the anchor
  std::string anchor;
  std::string title;
  std::string area;
  std::string parent_area;
  bool operator==(const RoomStatus&) const = default;
};

struct ShowStatus {
  std::string key;  // live_key, or the start time where there is none
  WallTime start_time{};
  bool operator==(const ShowStatus&) const = default;
};

// The recording that is being made; sizes and times of the whole recording, start_time of the open file.
struct RecordingStatus {
  std::string file;  // relative to the volume's root
  WallTime start_time{};
  std::int64_t quality = 0;  // qn
  std::string codec;         // avc, hevc
  std::string format;        // flv, fmp4
  std::string host;
  std::int64_t size_bytes = 0;
  std::int64_t duration_seconds = 0;  // rounded down
  std::int64_t lost_seconds = 0;      // rounded up, so that no loss shows as 0
  std::int64_t gaps = 0;
  bool operator==(const RecordingStatus&) const = default;
};

inline constexpr std::size_t max_last_files = 50;

struct FinishedFile {
  std::string file{};  // relative to the volume's root
  WallTime start{};
  std::int64_t bytes = 0;
  std::int64_t seconds = 0;
  std::int64_t lost_seconds = 0;  // rounded up
  std::int64_t milliseconds = 0;  // of media, exactly: for who hears of the file; not in the status
  bool operator==(const FinishedFile&) const = default;
};

// The newest recording that is finished; sums over all its files.
struct LastRecording {
  std::vector<FinishedFile> files;  // the newest max_last_files, oldest first
  std::int64_t file_count = 0;      // of all
  WallTime start{};
  WallTime end{};
  std::int64_t bytes = 0;
  std::int64_t seconds = 0;
  std::int64_t lost_seconds = 0;  // rounded up
  std::string end_reason;
  bool operator==(const LastRecording&) const = default;
};

struct LastRetention {
  WallTime time{};
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  bool operator==(const LastRetention&) const = default;
};

// Since the LiveRoom was made.
struct Totals {
  std::int64_t recordings = 0;
  std::int64_t bytes = 0;
  std::int64_t seconds = 0;
  std::int64_t lost_seconds = 0;  // rounded up
  bool operator==(const Totals&) const = default;
};

enum class DrainAnswer : std::uint8_t { busy, ready };

struct DrainStatus {
  std::string id;  // of the configuration
  DrainAnswer answer = DrainAnswer::busy;
  bool operator==(const DrainStatus&) const = default;
};

// The recorder itself.
struct RecorderInfo {
  std::string version;
  std::string pod_uid;
  std::int64_t applied_generation = 0;
  std::optional<DrainStatus> drain;
  WallTime report_time{};
  bool operator==(const RecorderInfo&) const = default;
};

struct RecorderStatus {
  Conditions conditions;  // the recorder's own only
  std::optional<RoomStatus> room;
  std::optional<ShowStatus> show;
  std::optional<RecordingStatus> recording;
  std::optional<LastRecording> last_recording;
  std::optional<LastRetention> last_retention;
  Totals totals;
  RecorderInfo recorder;

  // Every field; a reporter that decides whether a write is due compares with report_time made equal.
  bool operator==(const RecorderStatus&) const = default;
};

// The `status` object of a server-side apply by the recorder: strings cut to the schema's bounds and free of
// control characters, absent objects and empty strings left out, conditions in their order. Never with
// escaped non-ASCII characters (dump_json).
Json to_json(const RecorderStatus& status);

// From the `status` object of a LiveRoom: only the recorder's part. Never fails: what is absent or broken has
// its default.
RecorderStatus recorder_status_from_json(const Json& status);

}  // namespace live::liveroom
