// SPDX-License-Identifier: Apache-2.0
// What the controller tells a recorder: the annotation liveroom.dev/config of its pod, which the pod reads as
// a file. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "liveroom/spec.hpp"

namespace live::liveroom {

// Raised when a recorder must know more than "ignore what you don't know".
inline constexpr std::int64_t config_version = 1;

struct RecorderConfig {
  std::int64_t version = config_version;
  std::string name_space;            // of the LiveRoom
  std::string name;                  // of the LiveRoom
  std::string uid;                   // of the LiveRoom: another one of the same name is another LiveRoom
  std::int64_t generation = 0;       // of the spec below; becomes status.recorder.appliedGeneration
  std::int64_t report_sequence = 0;  // at each new value the recorder applies its whole status again
  std::int64_t rooms = 1;            // about so many LiveRooms share our address: a power of ten
  std::string drain;                 // not empty: answer in status.recorder.drain with this id

  std::int64_t room_id = 0;
  StreamSpec stream;
  RecordingSpec recording;  // directory is never empty here
  TransportSpec transport;
  RetentionSpec retention;
  std::string credentials_secret;  // to name it in conditions; its value is in path::cookie_file
  std::vector<NotificationSpec> notifications;

  bool operator==(const RecorderConfig&) const = default;
};

// The configuration for a LiveRoom; report_sequence, rooms and drain are left at their defaults.
RecorderConfig make_recorder_config(std::string name_space, std::string name, std::string uid,
                                    std::int64_t generation, const LiveRoomSpec& spec);

// Canonical: equal configurations give equal texts.
std::string to_text(const RecorderConfig& config);

// Unknown keys are ignored, unknown members of enumerations keep the value of `current` and are listed; what
// is wrong otherwise is a Problem that names the field, and the caller keeps what it has.
Result<Parsed<RecorderConfig>> parse_recorder_config(std::string_view text,
                                                     const RecorderConfig& current = {});

}  // namespace live::liveroom
