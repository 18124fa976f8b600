// SPDX-License-Identifier: Apache-2.0
#include "kube/fields.hpp"

#include <algorithm>

namespace live::kube {

const Fields everything;

const Fields all_but_managed_fields{.members = {{.name = "metadata",
                                                 .members = {{.name = "managedFields", .left_out = true}},
                                                 .others = Fields::Others::take}},
                                    .others = Fields::Others::take};

const Fields* Fields::at(std::string_view member) const {
  if (members.empty()) return &everything;
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Fields& f) { return f.name == member; });
  if (found == members.end()) return others == Others::take ? &everything : nullptr;
  return found->left_out ? nullptr : &*found;
}

Fields object_fields(std::vector<Fields> labels, std::vector<Fields> annotations,
                     std::vector<Fields> members) {
  annotations.push_back({.name = "k8s.io/initial-events-end"});
  // A name that no label has: without one a tree would take them all.
  if (labels.empty()) labels.push_back({.name = ""});
  members.push_back({.name = "apiVersion"});
  members.push_back({.name = "kind"});
  members.push_back({.name = "metadata",
                     .members = {{.name = "name"},
                                 {.name = "namespace"},
                                 {.name = "uid"},
                                 {.name = "resourceVersion"},
                                 {.name = "generation"},
                                 {.name = "creationTimestamp"},
                                 {.name = "deletionTimestamp"},
                                 {.name = "ownerReferences"},
                                 {.name = "labels", .members = std::move(labels)},
                                 {.name = "annotations", .members = std::move(annotations)}}});
  return {.members = std::move(members)};
}

Fields event_fields(const Fields& object) {
  Fields read = object;
  read.name = "object";
  if (!read.members.empty() && read.others == Fields::Others::leave) {
    for (const std::string_view name : {"kind", "status", "message", "reason", "details", "code"}) {
      if (read.at(name) == nullptr) read.members.push_back({.name = name});
    }
  }
  return {.members = {{.name = "type"}, std::move(read)}};
}

Fields list_fields(const Fields& item) {
  Fields items = item;
  items.name = "items";
  return {.members = {{.name = "kind"}, {.name = "apiVersion"}, {.name = "metadata"}, std::move(items)}};
}

}  // namespace live::kube
