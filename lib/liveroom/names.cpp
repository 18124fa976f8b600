// SPDX-License-Identifier: Apache-2.0
#include "liveroom/names.hpp"

namespace live::liveroom {

std::string pod_name(std::string_view live_room) { return std::string(live_room) + "-recorder"; }

std::string claim_name(std::string_view live_room) { return std::string(live_room) + "-recordings"; }

}  // namespace live::liveroom
