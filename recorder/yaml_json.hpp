// SPDX-License-Identifier: Apache-2.0
// YAML documents as JSON, for manifests written by hand.
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"

namespace live::recorder {

// One document; the problem says line and column. Nesting deeper than 64 and aliases that grow beyond 100,000
// values are refused.
Result<Json> yaml_to_json(const std::string& text);

}  // namespace live::recorder
