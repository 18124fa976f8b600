// SPDX-License-Identifier: Apache-2.0
// kube_liveroom_* series, written from the store when they are asked for: nothing is kept for them, and they
// vanish with their object.
#pragma once
#include <string>

#include "controller/live_room.hpp"
#include "kube/store.hpp"

namespace live::controller {

// Exposition format 0.0.4. A condition has one series with the status that it has.
std::string state_metrics(const kube::Store<LiveRoom>& rooms);

}  // namespace live::controller
