// SPDX-License-Identifier: Apache-2.0
// A LiveRoom as the controller keeps it: what decisions look at, and nothing else. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/fields.hpp"
#include "kube/object.hpp"
#include "liveroom/conditions.hpp"
#include "liveroom/recorder_status.hpp"
#include "liveroom/spec.hpp"

namespace live::controller {

inline const kube::Resource live_rooms{"liveroom.dev", "v1alpha1", "liverooms", "LiveRoom"};

struct LiveRoom {
  kube::ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  WallTime created{};
  bool terminating = false;
  liveroom::LiveRoomSpec spec;

  // Status.
  std::int64_t observed_generation = 0;
  std::string pod_name;
  liveroom::Conditions conditions;  // the controller's and the recorder's
  std::int64_t real_room_id = 0;    // 0: not yet known
  std::string reporter;             // UID of the pod that wrote the recorder's part
  std::optional<liveroom::DrainStatus> drain;

  bool operator==(const LiveRoom&) const = default;
};

// What decode_live_room() looks at.
const kube::Fields& live_room_fields();
// Fails when the spec is not one that this version understands; the problem names the field.
Result<LiveRoom> decode_live_room(const Json& object);

// What with_written_status() looks at: all but the spec, which is most of the object.
const kube::Fields& written_status_fields();
// The LiveRoom after a write of its status, by the server's answer: the spec of a generation is always the
// same. Nothing when the answer is of another generation, or of another LiveRoom.
std::optional<LiveRoom> with_written_status(const LiveRoom& before, const Json& answer);

}  // namespace live::controller
