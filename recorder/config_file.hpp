// SPDX-License-Identifier: Apache-2.0
// The configuration file that the controller provides: read at start, and again when it changes.
#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "base/asio.hpp"
#include "liveroom/recorder_config.hpp"

namespace live::recorder {

// The problem names the file, and the field where one is wrong. Unknown members of enumerations keep what
// `current` has and are logged.
Result<liveroom::RecorderConfig> read_config(const std::string& path,
                                             const liveroom::RecorderConfig& current = {});

// Calls `changed` with each new configuration until stopped. What can't be read is logged, the old one stays.
awaitable<void> watch_config(std::string path, liveroom::RecorderConfig current,
                             std::function<void(const liveroom::RecorderConfig&)> changed,
                             std::stop_token stop);

}  // namespace live::recorder
