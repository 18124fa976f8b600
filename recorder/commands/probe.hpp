// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "recorder/options.hpp"

namespace live::recorder {

// Prints what stands between us and a room. 0: nothing; 1: Bilibili could not be asked; 2: the command line
// is wrong; 3: the room can't be recorded.
int probe_room(const ProbeOptions& options);

}  // namespace live::recorder
