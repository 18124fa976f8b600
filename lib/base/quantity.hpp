// SPDX-License-Identifier: Apache-2.0
// Kubernetes quantities ("8Gi", "500M", 1024) as numbers of bytes.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace live {

// Whole bytes, rounded up; suffixes of resource.Quantity: Ki..Ei, k..E, m, and exponents.
Result<std::int64_t> parse_quantity(std::string_view text);

}  // namespace live
