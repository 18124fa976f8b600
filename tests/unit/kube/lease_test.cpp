// SPDX-License-Identifier: Apache-2.0
#include "kube/lease.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

TEST(Lease, GoesToJsonAndBack) {
  const LeaseRecord record{"host_1", 15, *parse_rfc3339("2026-11-25T00:00:00.000001Z"),
                           *parse_rfc3339("2026-11-25T00:00:10.5Z"), 3};
  const Json lease = make_lease({"ns", "controller"}, record);
  EXPECT_EQ(lease["apiVersion"], "coordination.k8s.io/v1");
  EXPECT_EQ(lease["metadata"]["name"], "controller");
  EXPECT_EQ(lease["spec"]["acquireTime"], "2026-11-25T00:00:00.000001Z");
  EXPECT_EQ(parse_lease(lease), record);
}

TEST(Lease, AnUpdateKeepsWhatItDoesNotKnow) {
  Json lease = parse_json(R"({"metadata":{"resourceVersion":"5","labels":{"a":"b"}},
                              "spec":{"holderIdentity":"x","strategy":"OldestEmulationVersion"}})");
  set_lease_record(lease, {"me", 15, {}, {}, 1});
  EXPECT_EQ(lease["metadata"]["resourceVersion"], "5");
  EXPECT_EQ(lease["metadata"]["labels"]["a"], "b");
  EXPECT_EQ(lease["spec"]["strategy"], "OldestEmulationVersion");
  EXPECT_EQ(lease["spec"]["holderIdentity"], "me");
}

TEST(Lease, StrangeOnesAreFree) {
  for (const char* text :
       {"{}", R"({"spec":null})", R"({"spec":{"holderIdentity":null,"renewTime":7}})", "[]"}) {
    EXPECT_EQ(parse_lease(parse_json(text)), LeaseRecord()) << text;
  }
  Json lease = parse_json(R"({"spec":"x"})");
  set_lease_record(lease, {"me", 15, {}, {}, 1});
  EXPECT_EQ(parse_lease(lease).holder, "me");
}

}  // namespace
}  // namespace live::kube
