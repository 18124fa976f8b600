// SPDX-License-Identifier: Apache-2.0
#include "recorder/recording/recorder_state.hpp"

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::recorder {
namespace {

void put_time(Json& json, const char* key, const std::optional<WallTime>& time) {
  if (time && *time != WallTime()) json[key] = format_rfc3339(*time);
}

std::optional<WallTime> take_time(const Json& value) {
  return parse_rfc3339(json_string(value).value_or(""));
}

std::string take_text(const Json& value) { return json_string(value).value_or(""); }

}  // namespace

Json to_json(const RecorderState& state) {
  Json json = Json::object();
  json["buvid3"] = state.api.buvid3;
  json["wbiKey"] = state.api.wbi_key;
  put_time(json, "wbiTime", state.api.wbi_time);
  Json last = Json::object();
  last["session"] = state.last.session;
  last["nextPart"] = state.last.next_part;
  last["showKey"] = state.last.show.key;
  put_time(last, "showStart", state.last.show.start);
  last["file"] = state.last.file;
  last["fileBefore"] = state.last.file_before;
  last["ended"] = state.last.ended;
  if (!state.last.tail.empty()) last["tail"] = to_json(state.last.tail);
  liveroom::RecorderStatus files;
  files.last_recording = state.last.files;
  files.totals = state.last.counted;
  last["files"] = liveroom::to_json(files);
  json["last"] = std::move(last);
  return json;
}

RecorderState recorder_state_from_json(const Json& json) {
  RecorderState state;
  state.api.buvid3 = take_text(json_at(json, "/buvid3"));
  state.api.wbi_key = take_text(json_at(json, "/wbiKey"));
  state.api.wbi_time = take_time(json_at(json, "/wbiTime")).value_or(WallTime());
  state.last.session = take_text(json_at(json, "/last/session"));
  const std::int64_t part = json_int(json_at(json, "/last/nextPart")).value_or(1);
  state.last.next_part = part > 0 && part < 1'000'000 ? static_cast<int>(part) : 1;
  state.last.show.key = take_text(json_at(json, "/last/showKey"));
  state.last.show.start = take_time(json_at(json, "/last/showStart"));
  state.last.file = take_text(json_at(json, "/last/file"));
  state.last.file_before = take_text(json_at(json, "/last/fileBefore"));
  state.last.ended = json_bool(json_at(json, "/last/ended")).value_or(false);
  state.last.tail = recording_tail_from_json(json_at(json, "/last/tail"));
  const liveroom::RecorderStatus files = liveroom::recorder_status_from_json(json_at(json, "/last/files"));
  state.last.files = files.last_recording.value_or(liveroom::LastRecording());
  state.last.counted = files.totals;
  return state;
}

}  // namespace live::recorder
