// SPDX-License-Identifier: Apache-2.0
// Runs the commands check and cleanup.
#pragma once
#include "controller/options.hpp"

namespace live::controller {

// The exit code: 0 all is well, 1 something is missing or was refused, 2 no usable configuration.
int run_tool(const ToolOptions& options);

}  // namespace live::controller
