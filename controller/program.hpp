// SPDX-License-Identifier: Apache-2.0
// The running controller: what watches, what works, what answers, put together.
#pragma once
#include "controller/options.hpp"

namespace live::controller {

// Works until SIGTERM or SIGINT. The exit code: 0; 2 when the kubeconfig can't be used, 1 after another
// error; both are logged.
int run_program(const RunOptions& options);

}  // namespace live::controller
