// SPDX-License-Identifier: Apache-2.0
// The spec of a LiveRoom as structs. The schema in crds/liveroom.yaml is the source of names and defaults.
// Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::liveroom {

enum class StreamFormat : std::uint8_t { flv, fmp4 };
enum class StreamCodec : std::uint8_t { avc, hevc };
enum class QualityFallback : std::uint8_t { best, wait };
enum class DanmakuFile : std::uint8_t { none, xml, xml_and_raw };
enum class CoverFile : std::uint8_t { none, save };
enum class GapHandling : std::uint8_t { close, keep };
enum class AddressFamily : std::uint8_t { any, ipv4, ipv6 };
enum class WhenDeleted : std::uint8_t { retain, remove };
enum class UpdatePolicy : std::uint8_t { when_idle, immediately, never };
enum class Weekday : std::uint8_t { monday, tuesday, wednesday, thursday, friday, saturday, sunday };

inline const std::vector<Weekday> every_day = {Weekday::monday,   Weekday::tuesday, Weekday::wednesday,
                                               Weekday::thursday, Weekday::friday,  Weekday::saturday,
                                               Weekday::sunday};

enum class NotificationEvent : std::uint8_t {
  session_started,
  file_opening,
  file_closed,
  session_ended,
  stream_started,
  stream_ended
};
inline const std::vector<NotificationEvent> every_event = {
    NotificationEvent::session_started, NotificationEvent::file_opening,   NotificationEvent::file_closed,
    NotificationEvent::session_ended,   NotificationEvent::stream_started, NotificationEvent::stream_ended};

struct StreamSpec {
  std::vector<std::int64_t> qualities = {10000};  // wanted qn, best first
  QualityFallback fallback = QualityFallback::best;
  std::vector<StreamFormat> formats = {StreamFormat::flv, StreamFormat::fmp4};
  std::vector<StreamCodec> codecs = {StreamCodec::avc, StreamCodec::hevc};
  std::vector<std::string> avoid_hosts = {".mcdn."};  // substrings of host names
  std::vector<std::string> prefer_hosts;
  bool operator==(const StreamSpec&) const = default;
};

// Hours in the recording's time zone; `to` before `from` means past midnight. Each day is that of `from`.
struct RecordingWindow {
  std::vector<Weekday> days = every_day;
  int from_minute = 0;  // of the day, 0 .. 1439
  int to_minute = 0;    // of the day, 0 .. 1440
  bool operator==(const RecordingWindow&) const = default;
};

inline constexpr std::string_view default_file_name_template =
    "{title}_{year}-{month}-{day}-{hour}-{minute}-{second}.{ext}";

struct RecordingSpec {
  std::string directory;  // below the volume's root; empty: the LiveRoom's name
  std::string file_name_template{default_file_name_template};
  std::string time_zone = "Asia/Shanghai";
  std::int64_t split_seconds = 0;     // 0: off
  std::int64_t split_size_bytes = 0;  // 0: off
  bool split_on_title_change = false;
  DanmakuFile danmaku = DanmakuFile::xml;
  CoverFile cover = CoverFile::save;
  std::vector<std::string> skip_titles;  // substrings
  std::vector<std::string> only_areas;   // substrings; empty: every area
  std::vector<RecordingWindow> windows;  // empty: always
  GapHandling gaps = GapHandling::close;
  bool operator==(const RecordingSpec&) const = default;
};

struct TransportSpec {
  std::int64_t socket_timeout_seconds = 10;
  std::int64_t retry_interval_seconds = 5;
  std::int64_t max_retry_times = 0;  // 0: for ever
  std::int64_t poll_interval_seconds = 120;
  std::string proxy;  // "http://host:port"; empty: none
  AddressFamily address_family = AddressFamily::any;
  bool operator==(const TransportSpec&) const = default;
};

struct RetentionSpec {
  std::int64_t max_age_seconds = 0;  // each 0: off
  std::int64_t max_size_bytes = 0;
  std::int64_t min_free_bytes = 0;
  bool operator==(const RetentionSpec&) const = default;
};

struct NotificationSpec {
  std::string name{};
  std::string url{};
  std::vector<NotificationEvent> events = every_event;
  std::string secret_name{};       // empty: no signature
  std::string secret_key = "key";  // key in the Secret that holds the HMAC key
  bool operator==(const NotificationSpec&) const = default;
};

struct StorageSpec {
  std::string claim_name;  // an existing claim; empty: one of our own
  std::string
      volume_claim_template;  // JSON text of a PersistentVolumeClaimSpec; empty: the operator's default
  WhenDeleted when_deleted = WhenDeleted::retain;
  bool operator==(const StorageSpec&) const = default;
};

struct LiveRoomSpec {
  std::int64_t room_id = 0;
  bool suspend = false;
  StreamSpec stream;
  RecordingSpec recording;
  TransportSpec transport;
  std::string credentials_secret;  // name of the Secret with key "cookie"; empty: guest
  StorageSpec storage;
  RetentionSpec retention;
  UpdatePolicy update_policy = UpdatePolicy::when_idle;
  std::int64_t update_deadline_seconds = 0;  // 0: never
  std::vector<NotificationSpec> notifications;
  std::string pod_template;  // JSON text; empty: none
  bool operator==(const LiveRoomSpec&) const = default;
};

// A value and what this version does not know in it: members of enumerations, as "path: member".
template <class T>
struct Parsed {
  T value;
  std::vector<std::string> unknown;
};

// The `spec` object of a LiveRoom. Absent fields and unknown members of enumerations have their defaults (in
// a list unknown members are left out), unknown fields are ignored; a field of a wrong type or out of its
// range is a Problem that names it ("spec.roomId must be at least 1").
Result<Parsed<LiveRoomSpec>> parse_spec(const Json& spec);

std::string_view to_string(StreamFormat value);
std::string_view to_string(StreamCodec value);
std::string_view to_string(QualityFallback value);
std::string_view to_string(DanmakuFile value);
std::string_view to_string(CoverFile value);
std::string_view to_string(GapHandling value);
std::string_view to_string(AddressFamily value);
std::string_view to_string(WhenDeleted value);
std::string_view to_string(UpdatePolicy value);
std::string_view to_string(Weekday value);            // "Mon"
std::string_view to_string(NotificationEvent value);  // "FileClosed"

}  // namespace live::liveroom
