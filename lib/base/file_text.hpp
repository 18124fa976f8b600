// SPDX-License-Identifier: Apache-2.0
// Small files read whole: tokens, configuration, certificates.
#pragma once
#include <string>

#include "base/result.hpp"

namespace live {

// A file larger than `max_size` bytes is an error. Blocking; for small local files only.
Result<std::string> read_file(const std::string& path, std::size_t max_size = std::size_t{4} << 20);

}  // namespace live
