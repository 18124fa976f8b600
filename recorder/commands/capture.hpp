// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "recorder/options.hpp"

namespace live::recorder {

// `liveroom-recorder capture`: one stream address, with the same engine, until the stream ends. Returns the
// exit code.
int capture_address(const CaptureOptions& options);

}  // namespace live::recorder
