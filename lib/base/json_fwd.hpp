// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>

namespace live {
using Json = nlohmann::json;
}  // namespace live
