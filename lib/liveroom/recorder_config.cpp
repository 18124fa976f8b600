// SPDX-License-Identifier: Apache-2.0
#include "liveroom/recorder_config.hpp"

#include "base/json.hpp"
#include "liveroom/field_reader.hpp"
#include "liveroom/spec_sections.hpp"

namespace live::liveroom {

RecorderConfig make_recorder_config(std::string name_space, std::string name, std::string uid,
                                    std::int64_t generation, const LiveRoomSpec& spec) {
  RecorderConfig config;
  config.recording = spec.recording;
  if (config.recording.directory.empty()) config.recording.directory = name;
  config.name_space = std::move(name_space);
  config.name = std::move(name);
  config.uid = std::move(uid);
  config.generation = generation;
  config.room_id = spec.room_id;
  config.stream = spec.stream;
  config.transport = spec.transport;
  config.retention = spec.retention;
  config.credentials_secret = spec.credentials_secret;
  config.notifications = spec.notifications;
  return config;
}

std::string to_text(const RecorderConfig& config) {
  Json json = {{"version", config.version},
               {"namespace", config.name_space},
               {"name", config.name},
               {"uid", config.uid},
               {"generation", config.generation},
               {"reportSequence", config.report_sequence},
               {"rooms", config.rooms},
               {"roomId", config.room_id},
               {"stream", to_json(config.stream)},
               {"recording", to_json(config.recording)},
               {"transport", to_json(config.transport)},
               {"retention", to_json(config.retention)},
               {"notifications", to_json(config.notifications)}};
  if (!config.drain.empty()) json["drain"] = config.drain;
  if (!config.credentials_secret.empty())
    json["credentialsSecretRef"] = {{"name", config.credentials_secret}};
  return dump_json(json);
}

Result<Parsed<RecorderConfig>> parse_recorder_config(std::string_view text, const RecorderConfig& current) {
  const Json json = parse_json(text);
  if (json.is_discarded()) return failure("the configuration is not JSON");
  ReadReport report;
  RecorderConfig read;
  FieldReader reader(json, "", report);
  reader.integer("version", read.version, {.min = 1});
  reader.text("namespace", read.name_space);
  reader.text("name", read.name, {.min = 1});
  reader.text("uid", read.uid);
  reader.integer("generation", read.generation);
  reader.integer("reportSequence", read.report_sequence);
  reader.integer("rooms", read.rooms, {.min = 1});
  reader.text("drain", read.drain);
  reader.integer("roomId", read.room_id, {.min = 1});
  if (read.room_id == 0) report.complain("roomId is required");
  reader.object("stream", [&](FieldReader& r) { read_stream(r, read.stream, current.stream); });
  reader.object("recording", [&](FieldReader& r) { read_recording(r, read.recording, current.recording); });
  reader.object("transport", [&](FieldReader& r) { read_transport(r, read.transport, current.transport); });
  reader.object("retention", [&](FieldReader& r) { read_retention(r, read.retention); });
  read_secret_name(reader, "credentialsSecretRef", read.credentials_secret);
  read_notifications(reader, "notifications", read.notifications);
  if (read.recording.directory.empty()) read.recording.directory = read.name;
  if (report.problem) return failure(std::move(*report.problem));
  if (read.recording.directory.empty()) return failure("recording.directory is required");
  return Parsed<RecorderConfig>{std::move(read), std::move(report.unknown)};
}

}  // namespace live::liveroom
