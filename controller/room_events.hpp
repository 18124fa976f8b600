// SPDX-License-Identifier: Apache-2.0
// Which Kubernetes Events a change of a LiveRoom is worth (DESIGN 9.11). Pure.
#pragma once
#include <string>
#include <vector>

#include "controller/live_room.hpp"
#include "kube/event_recorder.hpp"

namespace live::controller {

// From two states observed one after the other: one Event for each condition that a person should hear of.
// A LiveRoom that just appeared, and one that goes on as before, give none.
std::vector<kube::Event> events_of(const LiveRoom& before, const LiveRoom& after);

// That a node can't be drained because of this room's recording.
kube::Event drain_waits_event(const LiveRoom& room, const std::string& pod, const std::string& node);

}  // namespace live::controller
