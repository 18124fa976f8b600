// SPDX-License-Identifier: Apache-2.0
#include "controller/state_metrics.hpp"

#include <fmt/format.h>

#include <iterator>

namespace live::controller {
namespace {

std::string_view status_label(liveroom::ConditionStatus status) {
  switch (status) {
    case liveroom::ConditionStatus::yes:
      return "true";
    case liveroom::ConditionStatus::no:
      return "false";
    case liveroom::ConditionStatus::unknown:
      break;
  }
  return "unknown";
}

void head(std::string& text, std::string_view name, std::string_view help) {
  fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

}  // namespace

// Names and namespaces are DNS labels, reasons are CamelCase (the definition's pattern), numbers are numbers:
// no label value needs escaping.
std::string state_metrics(const kube::Store<LiveRoom>& rooms) {
  std::string text;
  const auto out = std::back_inserter(text);
  head(text, "kube_liveroom_info", "A LiveRoom and the room that it asks for");
  rooms.for_each([&](const kube::ObjectKey& key, const LiveRoom& room) {
    fmt::format_to(out,
                   "kube_liveroom_info{{namespace=\"{}\",liveroom=\"{}\",uid=\"{}\",room_id=\"{}\"}} 1\n",
                   key.ns, key.name, room.uid, room.spec.room_id);
  });
  head(text, "kube_liveroom_created", "Unix time of the LiveRoom's creation");
  rooms.for_each([&](const kube::ObjectKey& key, const LiveRoom& room) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(room.created.time_since_epoch()).count();
    fmt::format_to(out, "kube_liveroom_created{{namespace=\"{}\",liveroom=\"{}\"}} {}\n", key.ns, key.name,
                   seconds);
  });
  head(text, "kube_liveroom_status_condition", "The status and reason that a condition of a LiveRoom has");
  rooms.for_each([&](const kube::ObjectKey& key, const LiveRoom& room) {
    for (const liveroom::Condition& condition : room.conditions)
      fmt::format_to(out,
                     "kube_liveroom_status_condition{{namespace=\"{}\",liveroom=\"{}\",condition=\"{}\","
                     "status=\"{}\",reason=\"{}\"}} 1\n",
                     key.ns, key.name, to_string(condition.type), status_label(condition.status),
                     condition.reason);
  });
  return text;
}

}  // namespace live::controller
