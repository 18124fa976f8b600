// SPDX-License-Identifier: Apache-2.0
#include "recorder/bilibili/play_info.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "recorder/bilibili/fields.hpp"

namespace live::bilibili {
namespace {

constexpr std::int64_t special_type_paid = 1;
constexpr std::int64_t special_type_drm = 203;

// A list member of an object; an empty list when it is something else (the service writes null for none).
const Json& list_at(const Json& value, std::string_view path) {
  static const Json none = Json::array();
  const Json& field = json_at(value, path);
  return field.is_array() ? field : none;
}

std::string raw_text(const Json& value, std::string_view path) {
  const Json& field = json_at(value, path);
  return field.is_string() ? field.get<std::string>() : std::string();
}

int qn_of(const Json& value) {
  const std::int64_t number = json_int(value).value_or(0);
  return number > 0 && number <= 1'000'000 ? static_cast<int>(number) : 0;
}

std::optional<StreamFormat> format_of(std::string_view name) {
  if (name == "flv") return StreamFormat::flv;
  if (name == "ts") return StreamFormat::ts;
  if (name == "fmp4") return StreamFormat::fmp4;
  return std::nullopt;
}

std::optional<Codec> codec_of(std::string_view name) {
  if (name == "avc") return Codec::avc;
  if (name == "hevc") return Codec::hevc;
  if (name == "av1") return Codec::av1;
  return std::nullopt;
}

std::optional<StreamEntry> read_entry(StreamFormat format, const Json& value) {
  const std::optional<Codec> codec = codec_of(raw_text(value, "/codec_name"));
  if (!codec) return std::nullopt;
  StreamEntry entry;
  entry.format = format;
  entry.codec = *codec;
  entry.current_qn = qn_of(json_at(value, "/current_qn"));
  for (const Json& qn : list_at(value, "/accept_qn")) {
    if (entry.accept_qn.size() == max_qualities) break;
    if (const int number = qn_of(qn)) entry.accept_qn.push_back(number);
  }
  entry.base_url = raw_text(value, "/base_url");
  entry.drm = bool_at(value, "/drm");
  if (entry.base_url.empty()) return entry;
  for (const Json& place : list_at(value, "/url_info")) {
    if (entry.hosts.size() == max_stream_hosts) break;
    StreamHost host{raw_text(place, "/host"), raw_text(place, "/extra")};
    if (!host.host.empty()) entry.hosts.push_back(std::move(host));
  }
  return entry;
}

void read_streams(const Json& playurl, PlayInfo& info) {
  for (const Json& stream : list_at(playurl, "/stream")) {
    for (const Json& format : list_at(stream, "/format")) {
      const std::optional<StreamFormat> kind = format_of(raw_text(format, "/format_name"));
      if (!kind) continue;
      for (const Json& codec : list_at(format, "/codec")) {
        if (info.streams.size() == max_stream_entries) return;
        if (std::optional<StreamEntry> entry = read_entry(*kind, codec)) {
          info.streams.push_back(*std::move(entry));
        }
      }
    }
  }
}

void read_qualities(const Json& playurl, PlayInfo& info) {
  for (const Json& quality : list_at(playurl, "/g_qn_desc")) {
    if (info.quality_names.size() == max_qualities) return;
    QualityName name{qn_of(json_at(quality, "/qn")), text_at(quality, "/desc")};
    if (name.qn != 0 && !name.name.empty()) info.quality_names.push_back(std::move(name));
  }
}

}  // namespace

std::string_view to_string(StreamFormat format) {
  switch (format) {
    case StreamFormat::flv:
      return "flv";
    case StreamFormat::ts:
      return "ts";
    case StreamFormat::fmp4:
      return "fmp4";
  }
  return "flv";
}

std::string_view to_string(Codec codec) {
  switch (codec) {
    case Codec::avc:
      return "avc";
    case Codec::hevc:
      return "hevc";
    case Codec::av1:
      return "av1";
  }
  return "avc";
}

PlayInfo read_play_info(const Json& data) {
  PlayInfo info;
  info.room_id = int_at(data, "/room_id");
  info.short_id = int_at(data, "/short_id");
  info.uid = int_at(data, "/uid");
  info.status = live_status_at(data, "/live_status").value_or(LiveStatus::idle);
  info.live_time = live_time_at(data, "/live_time");
  info.access.hidden = bool_at(data, "/is_hidden");
  info.access.locked = bool_at(data, "/is_locked");
  info.access.encrypted = bool_at(data, "/encrypted") && !bool_at(data, "/pwd_verified");
  for (const Json& type : list_at(data, "/all_special_types")) {
    const std::int64_t number = json_int(type).value_or(0);
    info.access.paid = info.access.paid || number == special_type_paid;
    info.access.drm = info.access.drm || number == special_type_drm;
  }
  const Json& playurl = json_at(data, "/playurl_info/playurl");
  info.has_streams = playurl.is_object();
  read_streams(playurl, info);
  read_qualities(playurl, info);
  return info;
}

}  // namespace live::bilibili
