// SPDX-License-Identifier: Apache-2.0
// The claim of a LiveRoom that doesn't name an existing one. Pure.
#pragma once
#include "base/json_fwd.hpp"
#include "controller/live_room.hpp"
#include "controller/recordings_claim.hpp"
#include "controller/settings.hpp"

namespace live::controller {

// From the LiveRoom's template, else from the operator's. With the LiveRoom as owner only where it says
// whenDeleted: Delete.
Json make_claim(const LiveRoom& room, const Settings& settings);

// metadata.ownerReferences with or without the LiveRoom; other owners stay.
Json claim_owners(const LiveRoom& room, const RecordingsClaim& claim, bool owned);

}  // namespace live::controller
