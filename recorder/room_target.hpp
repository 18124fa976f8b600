// SPDX-License-Identifier: Apache-2.0
// What a person gives to say which room: a number, an address of the room's page. Pure.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace live::recorder {

// "23058", "live.bilibili.com/23058", "https://live.bilibili.com/blanc/23058?x=1", "…/h5/23058".
Result<std::int64_t> parse_room(std::string_view text);

}  // namespace live::recorder
