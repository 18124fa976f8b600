// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace live {

// Of the project, from CMakeLists.txt.
extern const std::string_view version;

}  // namespace live
