// SPDX-License-Identifier: Apache-2.0
// What is to be done for a LiveRoom, from what is seen of it. Pure.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/observed.hpp"
#include "liveroom/recorder_config.hpp"

namespace live::controller {

struct CreateClaim {
  bool operator==(const CreateClaim&) const = default;
};
struct SetClaimOwner {  // for storage.whenDeleted
  bool owned = false;
  bool operator==(const SetClaimOwner&) const = default;
};
struct GrowClaim {
  std::string storage;  // the quantity as the spec writes it
  bool operator==(const GrowClaim&) const = default;
};
struct CreatePod {
  liveroom::RecorderConfig config;
  bool operator==(const CreatePod&) const = default;
};
// Always with the grace period of the pod itself.
struct DeletePod {
  enum class Why { suspended, ended, orphan, replaced };
  Why why = Why::replaced;
  std::string uid;               // precondition
  std::string resource_version;  // precondition; empty: none
  bool operator==(const DeletePod&) const = default;
};
struct PatchPod {
  std::string uid;                    // precondition
  std::string resource_version = {};  // precondition; empty: none
  std::optional<liveroom::RecorderConfig> config = {};
  std::optional<bool> recording = {};  // protects the pod from drains, or no longer
  // The kubelet restarts just the container. Back: to what ran before an image that could not be pulled.
  std::optional<std::string> image = {};
  bool back = false;
  bool operator==(const PatchPod&) const = default;
};
using Step = std::variant<CreateClaim, SetClaimOwner, GrowClaim, CreatePod, DeletePod, PatchPod>;

enum class UpdatePlace : std::uint8_t {
  keep,
  take,     // the pod is being updated
  wait,     // it would be if others were not
  release,  // it is up to date, or will not be updated now
};

struct Plan {
  std::vector<Step> steps;  // in this order; when one fails the rest waits for the next plan
  // The recorder's conditions are to be written in its name (DESIGN 9.6).
  bool recorder_absent = false;
  std::optional<Duration> again;  // look again after so long even when nothing changes
  // To be remembered once the steps are done.
  std::optional<IssuedDrain> drain;
  bool asks_report = false;
  // To be done with the rollout at once, before anybody else asks for a permit.
  UpdatePlace place = UpdatePlace::keep;
  bool image_proven = false;  // the pod is ready with the wanted image
};

// A pod that is not ready for so long has no recorder that could report.
inline constexpr Duration absent_after = std::chrono::seconds(90);
// A Ready answer to a drain holds for 30 s; it is used only so long after the question.
inline constexpr Duration drain_valid = std::chrono::seconds(15);
// A claim that belongs to somebody else is not watched.
inline constexpr Duration named_claim_again = std::chrono::seconds(60);
inline constexpr Duration conflict_again = std::chrono::seconds(60);

Plan plan(const Observed& observed, const Settings& settings, const RoomMemory& memory, const Moment& moment);

// The recorder's conditions say more than anybody knows: its pod is gone, or silent for too long. `again`
// becomes how long to wait when it may become so without any change.
bool recorder_is_absent(const Observed& observed, WallTime wall, std::optional<Duration>& again);

}  // namespace live::controller
