// SPDX-License-Identifier: Apache-2.0
// One Lease on a scripted server, with the checks of resourceVersion that the real one makes.
#pragma once
#include <boost/asio/error.hpp>
#include <optional>

#include "base/json.hpp"
#include "kube/lease.hpp"
#include "scripted_api.hpp"

namespace live::kube::test {

class LeaseServer {
 public:
  std::optional<Json> lease;
  bool unreachable = false;
  bool hangs = false;
  int reads = 0;
  int writes = 0;

  Reply answer(const net::HttpRequest& request) {
    if (unreachable) return {0, "", {}, Duration::zero(), asio::error::connection_refused};
    if (hangs) return {200, "{}", {}, std::chrono::hours(1), {}};
    if (request.method == "GET") {
      ++reads;
      return lease ? Reply{200, dump_json(*lease), {}, {}, {}} : refusal(404, "NotFound");
    }
    ++writes;
    const Json sent = parse_json(request.body);
    if (request.method == "POST") {
      if (lease) return refusal(409, "AlreadyExists");
    } else {
      if (!lease) return refusal(404, "NotFound");
      if (resource_version_of(sent) != resource_version_of(*lease)) return refusal(409, "Conflict");
    }
    store(sent);
    return {200, dump_json(*lease), {}, {}, {}};
  }
  void take_over(const std::string& holder) {
    Json other = lease ? *lease : make_lease({"ns", "lease"}, {});
    set_lease_record(other, {holder, 15, {}, {}, 7});
    store(other);
  }
  std::string holder() const { return lease ? parse_lease(*lease).holder : ""; }

 private:
  static Reply refusal(int code, const char* reason) {
    return {code, dump_json({{"kind", "Status"}, {"code", code}, {"reason", reason}}), {}, {}, {}};
  }
  void store(Json value) {
    value["metadata"]["resourceVersion"] = std::to_string(++version_);
    lease = std::move(value);
  }
  int version_ = 0;
};

}  // namespace live::kube::test
