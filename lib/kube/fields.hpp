// SPDX-License-Identifier: Apache-2.0
// Which members of an object are read. Of what a server sends of a pod, a controller looks at a tenth; the
// rest is stepped over and never built. Pure.
#pragma once
#include <string_view>
#include <vector>

namespace live::kube {

// A tree of member names. A list hands it on to its items; a value that is no container is taken whole.
struct Fields {
  enum class Others { leave, take };

  std::string_view name{};        // a literal; empty at the root
  std::vector<Fields> members{};  // none: everything below is taken
  Others others = Others::leave;  // what is not among the members
  bool left_out = false;          // it is not taken, where others are

  // What to read of a member; null when it is stepped over.
  const Fields* at(std::string_view member) const;
};

extern const Fields everything;
// Half of most objects.
extern const Fields all_but_managed_fields;

// What the runtime and parse_meta() need of each object, but only these labels and annotations, and members
// of the object beside its metadata.
Fields object_fields(std::vector<Fields> labels, std::vector<Fields> annotations,
                     std::vector<Fields> members);

// An event of a watch: its object, or the Status that an ERROR has in its place.
Fields event_fields(const Fields& object);
// A list with such items.
Fields list_fields(const Fields& item);

}  // namespace live::kube
