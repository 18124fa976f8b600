// SPDX-License-Identifier: Apache-2.0
// What the controller looks at in a recorder's configuration, once it is in a pod's annotation. Pure but for
// a memory of the texts seen last: a text that was just written comes back twice, in the server's answer and
// in the watch, and reading it costs as much as the rest of the pod.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "liveroom/recorder_config.hpp"

namespace live::controller {

struct ConfigFacts {
  std::uint64_t hash = 0;       // config_hash(); 0: unreadable
  std::int64_t generation = 0;  // of the LiveRoom whose spec it is
  std::int64_t report_sequence = 0;
  std::int64_t rooms = 0;
  std::string drain;
  bool operator==(const ConfigFacts&) const = default;
};

// The same for equal configurations; `rooms` does not count: it alone is no reason for a new one.
std::uint64_t config_hash(const liveroom::RecorderConfig& config);

ConfigFacts config_facts(std::string_view text);
// to_text(), remembered for config_facts().
std::string config_text(const liveroom::RecorderConfig& config);

}  // namespace live::controller
