// SPDX-License-Identifier: Apache-2.0
// The content of a coordination.k8s.io/v1 Lease. No I/O.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/json_fwd.hpp"
#include "kube/object.hpp"

namespace live::kube {

struct LeaseRecord {
  std::string holder;  // empty: free
  std::int64_t duration_seconds = 0;
  WallTime acquired{};
  WallTime renewed{};
  std::int64_t transitions = 0;
  bool operator==(const LeaseRecord&) const = default;
};

// Missing or strange fields are read as empty: a lease somebody made by hand can be taken over.
LeaseRecord parse_lease(const Json& lease);
Json make_lease(const ObjectKey& key, const LeaseRecord& record);
// Writes the record into a lease that was read; what else it holds stays, the resourceVersion foremost.
void set_lease_record(Json& lease, const LeaseRecord& record);

}  // namespace live::kube
