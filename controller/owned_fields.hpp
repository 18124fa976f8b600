// SPDX-License-Identifier: Apache-2.0
// What one field manager owns of an object, by metadata.managedFields (fieldsV1 of
// sigs.k8s.io/structured-merge-diff). Pure.
#pragma once
#include <optional>
#include <string_view>

#include "base/json_fwd.hpp"

namespace live::controller {

// A copy of the fields of `object` that `manager` owns by Apply on `subresource`; nothing when it owns none.
std::optional<Json> owned_fields(const Json& object, std::string_view manager, std::string_view subresource);

}  // namespace live::controller
