// SPDX-License-Identifier: Apache-2.0
// A LiveRoom manifest as a person writes it, held against the rules of the schema. Pure.
#pragma once
#include <string>

#include "base/json_fwd.hpp"
#include "base/result.hpp"
#include "liveroom/spec.hpp"

namespace live::liveroom {

struct Manifest {
  std::string name_space;  // may be empty
  std::string name;
  LiveRoomSpec spec;
};

// `document`: the manifest's YAML as JSON. Unlike parse_spec, what is unknown is refused: fields, and members
// of enumerations. A Problem is one line that names the field. What is inside podTemplate and
// volumeClaimTemplate is not looked at beyond its first level.
Result<Manifest> parse_manifest(const Json& document);

}  // namespace live::liveroom
