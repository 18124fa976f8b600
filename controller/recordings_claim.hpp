// SPDX-License-Identifier: Apache-2.0
// A PersistentVolumeClaim as the controller keeps it. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/fields.hpp"
#include "kube/object.hpp"

namespace live::controller {

enum class ClaimPhase : std::uint8_t { pending, bound, lost };

struct RecordingsClaim {
  kube::ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::string room;      // label liveroom.dev/room
  bool managed = false;  // label app.kubernetes.io/managed-by is ours
  bool terminating = false;
  std::vector<kube::OwnerReference> owners;
  ClaimPhase phase = ClaimPhase::pending;
  std::int64_t requested_bytes = 0;
  std::string storage_class;
  std::string resizing;  // condition that says a growth is under way, or why it failed
  bool operator==(const RecordingsClaim&) const = default;
};

// What decode_recordings_claim() looks at.
const kube::Fields& recordings_claim_fields();
Result<RecordingsClaim> decode_recordings_claim(const Json& object);

kube::ObjectKey room_key_of(const RecordingsClaim& claim);

}  // namespace live::controller
