// SPDX-License-Identifier: Apache-2.0
#include "kube/lease.hpp"

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

WallTime time_at(const Json& spec, std::string_view path) {
  const Json& value = json_at(spec, path);
  if (!value.is_string()) return {};
  return parse_rfc3339(value.get_ref<const std::string&>()).value_or(WallTime());
}

}  // namespace

LeaseRecord parse_lease(const Json& lease) {
  const Json& spec = json_at(lease, "/spec");
  LeaseRecord record;
  const Json& holder = json_at(spec, "/holderIdentity");
  if (holder.is_string()) record.holder = holder.get<std::string>();
  record.duration_seconds = json_int(json_at(spec, "/leaseDurationSeconds")).value_or(0);
  record.acquired = time_at(spec, "/acquireTime");
  record.renewed = time_at(spec, "/renewTime");
  record.transitions = json_int(json_at(spec, "/leaseTransitions")).value_or(0);
  return record;
}

void set_lease_record(Json& lease, const LeaseRecord& record) {
  if (!lease["spec"].is_object()) lease["spec"] = Json::object();
  Json& spec = lease["spec"];
  spec["holderIdentity"] = record.holder;
  spec["leaseDurationSeconds"] = record.duration_seconds;
  spec["acquireTime"] = format_rfc3339_micro(record.acquired);
  spec["renewTime"] = format_rfc3339_micro(record.renewed);
  spec["leaseTransitions"] = record.transitions;
}

Json make_lease(const ObjectKey& key, const LeaseRecord& record) {
  Json lease{{"apiVersion", resources::leases.api_version()},
             {"kind", resources::leases.kind},
             {"metadata", {{"namespace", key.ns}, {"name", key.name}}}};
  set_lease_record(lease, record);
  return lease;
}

}  // namespace live::kube
