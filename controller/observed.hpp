// SPDX-License-Identifier: Apache-2.0
// One LiveRoom and what belongs to it as last seen, and how it stands. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "controller/live_room.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/recordings_claim.hpp"
#include "controller/rollout.hpp"
#include "controller/settings.hpp"

namespace live::controller {

struct Observed {
  const LiveRoom& room;
  const RecorderPod* pod = nullptr;        // the pod of our name; null: there is none
  const RecordingsClaim* claim = nullptr;  // the claim that the spec names, or the one of our name
  std::optional<kube::ObjectKey> elder;    // an older LiveRoom that records the same room
  std::int64_t rooms = 1;                  // LiveRooms that are not suspended, as a power of ten
  std::string class_problem = {};          // why the claim's StorageClass will give no volume
  UpdatePermit permit = {};                // to update the pod, should it be outdated
};

struct Moment {
  TimePoint now;
  WallTime wall;
  std::string fresh_id;  // never used before
};

// The API server's refusal of a write. Retried after a while, or at once when the LiveRoom has changed.
struct Refusal {
  std::string reason;           // of the condition
  std::string message;          // the server's words
  std::int64_t generation = 0;  // of the LiveRoom then
  TimePoint retry_at;
  bool stands(const LiveRoom& room, TimePoint now) const {
    return room.generation == generation && now < retry_at;
  }
};

// So long an ended pod counts for the wait after the next one.
inline constexpr Duration ended_reset = std::chrono::minutes(10);

// Between two questions whether a recorder is ready to go, and two requests for its status.
inline constexpr Duration drain_again = std::chrono::seconds(60);
inline constexpr Duration report_again = std::chrono::seconds(60);

struct IssuedDrain {
  std::string id;
  TimePoint at;
};

// What this process remembers of a room. Losing it (a restart) costs nothing but a repetition.
struct RoomMemory {
  std::string uid;  // of the LiveRoom
  std::optional<Refusal> claim_refused;
  std::optional<Refusal> growth_refused;
  std::optional<Refusal> pod_refused;
  // What was refused is tried again after 10 s, then ever later: a quota may be raised, an account made.
  Backoff refusals{{.min = std::chrono::seconds(10),
                    .max = std::chrono::minutes(5),
                    .factor = 2.0,
                    .jitter = 0.2,
                    .reset_after = std::chrono::minutes(15)}};
  Backoff ended{{.min = std::chrono::seconds(10),
                 .max = std::chrono::minutes(5),
                 .factor = 2.0,
                 .jitter = 0.2,
                 .reset_after = ended_reset}};
  TimePoint recreate_at = TimePoint::min();  // no new pod before, after one that ended
  std::string ended_reason;                  // of that pod
  std::optional<IssuedDrain> drain;
  std::optional<TimePoint> report_asked_at;
  std::string update_failed;  // why the pod went back to its image before; until it is up to date

  // There is something in it that still matters.
  bool is_worth_keeping(const LiveRoom& room, TimePoint now) const;
};

enum class PodStanding : std::uint8_t {
  missing,
  ours,         // and alive
  ended,        // ours, all its containers ended for good
  terminating,  // ours or not: the name is taken until it is gone
  orphan,       // a recorder of ours that nobody owns
  foreign,      // somebody else's
};
PodStanding pod_standing(const Observed& observed);

enum class ClaimStanding : std::uint8_t { missing, pending, bound, lost, terminating, conflict };
ClaimStanding claim_standing(const Observed& observed);
inline bool uses_named_claim(const LiveRoom& room) { return !room.spec.storage.claim_name.empty(); }
// Our claim carries the LiveRoom as owner, so that it goes with it.
bool claim_owned(const Observed& observed);

enum class Outdated : std::uint8_t { no, changed_template, changed_image };
Outdated outdated(const LiveRoom& room, const RecorderPod& pod, const Settings& settings);

// The recorder of this very pod says that it records.
bool is_recording(const LiveRoom& room, const RecorderPod& pod);
// No container of the pod runs: nothing can be cut.
bool is_not_running(const RecorderPod& pod);

// Past its grace by so long a terminating pod is on a node that doesn't answer.
inline constexpr Duration node_lost_after = std::chrono::seconds(60);
bool is_node_lost(const RecorderPod& pod, WallTime wall);

}  // namespace live::controller
