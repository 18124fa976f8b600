// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "recorder/options.hpp"

namespace live::recorder {

// `liveroom-recorder record`: the same engine without Kubernetes, until interrupted. Returns the exit code.
int record_here(const RecordOptions& options);

}  // namespace live::recorder
