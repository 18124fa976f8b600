// SPDX-License-Identifier: Apache-2.0
// Reading JSON from outside: no exceptions, numbers and numeric strings are the same where the sender mixes
// them.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_fwd.hpp"

namespace live {

// A discarded value (is_discarded()) when the text is not JSON or nested deeper than `max_depth`.
Json parse_json(std::string_view text, int max_depth = 64);

// UTF-8 as it is (never \u escapes above control characters); bytes that are not UTF-8 become U+FFFD.
std::string dump_json(const Json& value);

// The member at a path such as "/data/room_id"; null when there is none.
const Json& json_at(const Json& value, std::string_view path);

std::optional<std::int64_t> json_int(const Json& value);    // also from "123" and true/false
std::optional<std::string> json_string(const Json& value);  // also from a number
std::optional<bool> json_bool(const Json& value);           // also from 0/1
std::optional<double> json_number(const Json& value);

}  // namespace live
