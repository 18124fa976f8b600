// SPDX-License-Identifier: Apache-2.0
// A recorder pod as the controller keeps it. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/fields.hpp"
#include "kube/object.hpp"

namespace live::controller {

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed, unknown };

struct RecorderPod {
  kube::ObjectKey key;
  std::string uid;
  std::string resource_version;
  std::string room;       // label liveroom.dev/room
  bool managed = false;   // label app.kubernetes.io/managed-by is ours
  std::string owner_uid;  // of the controller reference; empty: nobody owns it
  WallTime created{};
  std::optional<WallTime> deleted;  // end of the grace period

  std::string node;   // empty: not yet scheduled
  std::string image;  // as in the spec
  std::string template_hash;
  std::uint64_t config_hash = 0;  // config_hash() of the annotation; 0: unreadable
  std::int64_t generation = 0;    // of the LiveRoom that the annotation was made from
  std::int64_t report_sequence = 0;
  std::int64_t rooms = 0;
  std::string drain;
  bool marked_recording = false;  // label liveroom.dev/recording
  // Of the last change of the image in place: what it was before, and the container that ran then. Empty and
  // 0 when there was none.
  std::string updated_from;
  std::uint64_t updated_container = 0;

  PodPhase phase = PodPhase::unknown;
  std::uint64_t container = 0;  // stands for the recorder's running container; 0: none
  bool ready = false;
  WallTime ready_since{};      // when `ready` last changed; the creation when it never did
  std::string unschedulable;   // the scheduler's words
  std::string waiting_reason;  // of the recorder's container: "ImagePullBackOff", …
  std::string waiting_message;
  std::string end_reason;  // of the pod ("Evicted") or of the container that ended last ("OOMKilled")
  std::string end_message;
  bool operator==(const RecorderPod&) const = default;

  bool ended() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
  bool terminating() const { return deleted.has_value(); }
  // The image was changed, and what runs or is ready is still the container from before.
  bool updating() const { return !updated_from.empty() && container == updated_container; }
};

// Annotation that goes with a change of the image (image_update_annotation).
inline constexpr std::string_view image_update = "liveroom.dev/image-update";
std::string image_update_annotation(const RecorderPod& before);

// What the kubelet says of an image that it can't get.
bool is_pull_error(std::string_view waiting_reason);

// What decode_recorder_pod() looks at.
const kube::Fields& recorder_pod_fields();
Result<RecorderPod> decode_recorder_pod(const Json& object);

// The LiveRoom that a pod belongs to by its label.
kube::ObjectKey room_key_of(const RecorderPod& pod);

}  // namespace live::controller
