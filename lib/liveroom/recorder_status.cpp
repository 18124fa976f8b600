// SPDX-License-Identifier: Apache-2.0
#include "liveroom/recorder_status.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time_format.hpp"
#include "liveroom/text.hpp"

namespace live::liveroom {
namespace {

constexpr std::size_t max_file = 1024;

// Text of the status, cut; an empty one is left out.
void put(Json& object, const char* key, const std::string& text, std::size_t bound) {
  std::string cut = bounded_text(text, bound);
  if (!cut.empty()) object[key] = std::move(cut);
}
void put(Json& object, const char* key, WallTime time) {
  if (time != WallTime{}) object[key] = format_rfc3339(time);
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}
std::int64_t integer_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() ? json_int(*found).value_or(0) : 0;
}
WallTime time_of(const Json& object, const char* key) {
  return std::chrono::floor<std::chrono::seconds>(parse_rfc3339(text_of(object, key)).value_or(WallTime{}));
}

// The member that is an object; null when there is none.
const Json* object_of(const Json& parent, const char* key) {
  if (!parent.is_object()) return nullptr;
  const auto found = parent.find(key);
  return found != parent.end() && found->is_object() ? &*found : nullptr;
}

Json room_json(const RoomStatus& room) {
  Json json = {{"id", room.id}, {"shortId", room.short_id}, {"uid", room.uid}};
  put(json, "anchor", room.anchor, 128);
  put(json, "title", room.title, 256);
  put(json, "area", room.area, 64);
  put(json, "parentArea", room.parent_area, 64);
  return json;
}

RoomStatus room_of(const Json& json) {
  return {.id = integer_of(json, "id"),
          .short_id = integer_of(json, "shortId"),
          .uid = integer_of(json, "uid"),
          .anchor = text_of(json, "anchor"),
          .title = text_of(json, "title"),
          .area = text_of(json, "area"),
          .parent_area = text_of(json, "parentArea")};
}

Json recording_json(const RecordingStatus& recording) {
  Json json = {{"quality", recording.quality},
               {"sizeBytes", recording.size_bytes},
               {"durationSeconds", recording.duration_seconds},
               {"lostSeconds", recording.lost_seconds},
               {"gaps", recording.gaps}};
  put(json, "file", recording.file, max_file);
  put(json, "startTime", recording.start_time);
  put(json, "codec", recording.codec, 16);
  put(json, "format", recording.format, 16);
  put(json, "host", recording.host, 253);
  return json;
}

RecordingStatus recording_of(const Json& json) {
  return {.file = text_of(json, "file"),
          .start_time = time_of(json, "startTime"),
          .quality = integer_of(json, "quality"),
          .codec = text_of(json, "codec"),
          .format = text_of(json, "format"),
          .host = text_of(json, "host"),
          .size_bytes = integer_of(json, "sizeBytes"),
          .duration_seconds = integer_of(json, "durationSeconds"),
          .lost_seconds = integer_of(json, "lostSeconds"),
          .gaps = integer_of(json, "gaps")};
}

Json last_recording_json(const LastRecording& last) {
  Json files = Json::array();
  const std::size_t skip = last.files.size() > max_last_files ? last.files.size() - max_last_files : 0;
  for (std::size_t i = skip; i < last.files.size(); ++i) {
    const FinishedFile& file = last.files[i];
    Json item = {{"bytes", file.bytes}, {"seconds", file.seconds}, {"lostSeconds", file.lost_seconds}};
    put(item, "file", file.file, max_file);
    put(item, "start", file.start);
    files.push_back(std::move(item));
  }
  Json json = {{"files", std::move(files)},
               {"fileCount", last.file_count},
               {"bytes", last.bytes},
               {"seconds", last.seconds},
               {"lostSeconds", last.lost_seconds}};
  put(json, "start", last.start);
  put(json, "end", last.end);
  put(json, "endReason", last.end_reason, 64);
  return json;
}

LastRecording last_recording_of(const Json& json) {
  LastRecording last{.files = {},
                     .file_count = integer_of(json, "fileCount"),
                     .start = time_of(json, "start"),
                     .end = time_of(json, "end"),
                     .bytes = integer_of(json, "bytes"),
                     .seconds = integer_of(json, "seconds"),
                     .lost_seconds = integer_of(json, "lostSeconds"),
                     .end_reason = text_of(json, "endReason")};
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array()) return last;
  for (const Json& item : *files) {
    if (last.files.size() == max_last_files) break;
    if (!item.is_object()) continue;
    last.files.push_back({.file = text_of(item, "file"),
                          .start = time_of(item, "start"),
                          .bytes = integer_of(item, "bytes"),
                          .seconds = integer_of(item, "seconds"),
                          .lost_seconds = integer_of(item, "lostSeconds")});
  }
  return last;
}

Json recorder_json(const RecorderInfo& recorder) {
  Json json = {{"appliedGeneration", recorder.applied_generation}};
  put(json, "version", recorder.version, 64);
  put(json, "podUID", recorder.pod_uid, 64);
  put(json, "reportTime", recorder.report_time);
  if (recorder.drain) {
    json["drain"] = {{"answer", recorder.drain->answer == DrainAnswer::ready ? "Ready" : "Busy"}};
    put(json["drain"], "id", recorder.drain->id, 64);
  }
  return json;
}

RecorderInfo recorder_of(const Json& json) {
  RecorderInfo recorder{.version = text_of(json, "version"),
                        .pod_uid = text_of(json, "podUID"),
                        .applied_generation = integer_of(json, "appliedGeneration"),
                        .drain = std::nullopt,
                        .report_time = time_of(json, "reportTime")};
  if (const Json* drain = object_of(json, "drain"))
    recorder.drain = {
        .id = text_of(*drain, "id"),
        .answer = text_of(*drain, "answer") == "Ready" ? DrainAnswer::ready : DrainAnswer::busy};
  return recorder;
}

}  // namespace

Json to_json(const RecorderStatus& status) {
  Json json = {{"conditions", to_json(status.conditions)}, {"recorder", recorder_json(status.recorder)}};
  if (status.room) json["room"] = room_json(*status.room);
  if (status.show) {
    Json& show = json["show"] = Json::object();
    put(show, "key", status.show->key, 64);
    put(show, "startTime", status.show->start_time);
  }
  if (status.recording) json["recording"] = recording_json(*status.recording);
  if (status.last_recording) json["lastRecording"] = last_recording_json(*status.last_recording);
  if (status.last_retention) {
    Json& last = json["lastRetention"] = {{"files", status.last_retention->files},
                                          {"bytes", status.last_retention->bytes}};
    put(last, "time", status.last_retention->time);
  }
  json["totals"] = {{"recordings", status.totals.recordings},
                    {"bytes", status.totals.bytes},
                    {"seconds", status.totals.seconds},
                    {"lostSeconds", status.totals.lost_seconds}};
  return json;
}

RecorderStatus recorder_status_from_json(const Json& json) {
  RecorderStatus status;
  if (!json.is_object()) return status;
  status.conditions = conditions_from_json(json_at(json, "/conditions"));
  std::erase_if(status.conditions, [](const Condition& c) { return !is_recorders(c.type); });
  if (const Json* room = object_of(json, "room")) status.room = room_of(*room);
  if (const Json* show = object_of(json, "show"))
    status.show = {.key = text_of(*show, "key"), .start_time = time_of(*show, "startTime")};
  if (const Json* recording = object_of(json, "recording")) status.recording = recording_of(*recording);
  if (const Json* last = object_of(json, "lastRecording")) status.last_recording = last_recording_of(*last);
  if (const Json* last = object_of(json, "lastRetention"))
    status.last_retention = {.time = time_of(*last, "time"),
                             .files = integer_of(*last, "files"),
                             .bytes = integer_of(*last, "bytes")};
  if (const Json* totals = object_of(json, "totals"))
    status.totals = {.recordings = integer_of(*totals, "recordings"),
                     .bytes = integer_of(*totals, "bytes"),
                     .seconds = integer_of(*totals, "seconds"),
                     .lost_seconds = integer_of(*totals, "lostSeconds")};
  if (const Json* recorder = object_of(json, "recorder")) status.recorder = recorder_of(*recorder);
  return status;
}

}  // namespace live::liveroom
