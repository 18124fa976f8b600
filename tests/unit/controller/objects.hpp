// SPDX-License-Identifier: Apache-2.0
// LiveRooms, pods and claims for tests: one of each that is well, to be changed by the test.
#pragma once
#include <string>

#include "controller/live_room.hpp"
#include "controller/observed.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/recordings_claim.hpp"
#include "controller/settings.hpp"

namespace live::controller::test {

inline const WallTime wall{std::chrono::seconds(1'700'000'000)};
inline const TimePoint now{std::chrono::hours(5)};

Settings make_settings();
LiveRoom make_room(const std::string& name = "a");
// Running, ready, up to date, and with the configuration of the room.
RecorderPod make_pod_of(const LiveRoom& room, const Settings& settings = make_settings());
RecordingsClaim make_claim_of(const LiveRoom& room);
// What the recorder of `pod` reports when all is well and the room is offline.
void report(LiveRoom& room, const RecorderPod& pod, bool recording = false);

Moment make_moment(Duration later = {});

}  // namespace live::controller::test
