// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "recorder/options.hpp"

namespace live::recorder {

// `liveroom-recorder run`: in a pod. Returns the exit code.
int run_in_pod(const RunOptions& options);

}  // namespace live::recorder
