// SPDX-License-Identifier: Apache-2.0
#include "base/version.hpp"

namespace live {

const std::string_view version = LIVE_VERSION;

}  // namespace live
