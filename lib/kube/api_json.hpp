// SPDX-License-Identifier: Apache-2.0
// JSON as the API server sends it, read with a bounded depth: what lies deeper is cut off, so that one
// strange object neither breaks a list nor the stack. No I/O.
#pragma once
#include <string_view>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/client.hpp"

namespace live::kube {

// Built-in types stay below 30; only the free-form parts of custom resources can go deeper.
constexpr std::size_t max_json_depth = 128;

// One object; discarded when the text is not JSON.
Json parse_object(std::string_view text);
// The same without metadata.managedFields: what a write is answered with.
Json parse_reply(std::string_view text);
// One event of a watch; its object comes without metadata.managedFields, half of most objects.
Json parse_watch_event(std::string_view text);
// A list reply; items come without metadata.managedFields and with the apiVersion and kind that the list
// implies.
Result<ListPage> parse_list_page(std::string_view text);

}  // namespace live::kube
