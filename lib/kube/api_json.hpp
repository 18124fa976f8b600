// SPDX-License-Identifier: Apache-2.0
// JSON as the API server sends it, read with a bounded depth: what lies deeper is cut off, so that one
// strange object neither breaks a list nor the stack. Only the members that are asked for are built; of the
// others no more is checked than their brackets and quotes. No I/O.
#pragma once
#include <string_view>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "kube/client.hpp"
#include "kube/fields.hpp"

namespace live::kube {

// Built-in types stay below 30; only the free-form parts of custom resources can go deeper.
constexpr std::size_t max_json_depth = 128;

// One value; discarded when the text is not JSON. Of a key that comes twice the last counts.
Json parse_object(std::string_view text, const Fields& fields = everything);
// A list reply; items come with the apiVersion and kind that the list implies.
Result<ListPage> parse_list_page(std::string_view text, const Fields& item = all_but_managed_fields);

}  // namespace live::kube
