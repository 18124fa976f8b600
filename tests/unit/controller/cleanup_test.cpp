// SPDX-License-Identifier: Apache-2.0
#include "controller/cleanup.hpp"

#include <gtest/gtest.h>

#include "controller/namespace_objects.hpp"
#include "fake_cluster.hpp"
#include "support/loop.hpp"

namespace live::controller {
namespace {
using Calls = std::vector<std::string>;

const kube::Resource deployments{"apps", "v1", "deployments", "Deployment"};
const kube::ObjectKey deployment{"system", "liveroom-controller"};

class CleanupTest : public ::testing::Test {
 protected:
  CleanupTest() {
    for (const char* ns : {"a", "b"})
      for (const NamespaceObjectKind kind : namespace_object_kinds)
        cluster_.put(resource_of(kind), wanted_object(kind, ns));
  }

  bool clean_up(const kube::ObjectKey& of = {}) {
    return loop_.run(controller::clean_up(cluster_, loop_.clock, {.deployment = of}, {}));
  }
  std::size_t left() const {
    std::size_t count = 0;
    for (const char* ns : {"a", "b"})
      for (const NamespaceObjectKind kind : namespace_object_kinds)
        if (cluster_.find(resource_of(kind), {ns, name_of(kind)}) != nullptr) ++count;
    return count;
  }

  live::test::Loop loop_;
  test::FakeCluster cluster_;
};

TEST_F(CleanupTest, EverythingThatTheControllerMadeGoes) {
  EXPECT_EQ(left(), 6U);
  EXPECT_TRUE(clean_up());
  EXPECT_EQ(left(), 0U);
}

TEST_F(CleanupTest, WhatOthersMadeStays) {
  Json account = wanted_object(NamespaceObjectKind::service_account, "c");
  account["metadata"]["labels"] = {{"app.kubernetes.io/managed-by", "Helm"}};
  cluster_.put(kube::resources::service_accounts, account);
  Json other = wanted_object(NamespaceObjectKind::service_account, "d");
  other["metadata"]["name"] = "somebody";
  cluster_.put(kube::resources::service_accounts, other);
  EXPECT_TRUE(clean_up());
  EXPECT_NE(cluster_.find(kube::resources::service_accounts, {"c", "liveroom-recorder"}), nullptr);
  EXPECT_NE(cluster_.find(kube::resources::service_accounts, {"d", "somebody"}), nullptr);
}

TEST_F(CleanupTest, TheControllerStopsFirst) {
  cluster_.put(deployments, {{"metadata", {{"name", deployment.name}, {"namespace", deployment.ns}}}});
  EXPECT_TRUE(clean_up(deployment));
  EXPECT_EQ(cluster_.calls()[0], "delete deployments system/liveroom-controller");
  EXPECT_EQ(cluster_.calls()[1], "get deployments system/liveroom-controller");
  EXPECT_EQ(left(), 0U);
}

TEST_F(CleanupTest, AControllerThatIsGoneIsFine) { EXPECT_TRUE(clean_up(deployment)); }

TEST_F(CleanupTest, NothingIsDeletedUnderARunningController) {
  cluster_.put(deployments, {{"metadata", {{"name", deployment.name}, {"namespace", deployment.ns}}}});
  cluster_.refuse([](const std::string& call, const Json&) -> std::optional<kube::ApiError> {
    if (call == "delete deployments system/liveroom-controller")
      return test::api_error(403, "Forbidden", "no right");
    return std::nullopt;
  });
  EXPECT_FALSE(clean_up(deployment));
  EXPECT_EQ(left(), 6U);
}

TEST_F(CleanupTest, AControllerThatDoesNotStopIsGivenUpAfterTheLimit) {
  cluster_.put(deployments, {{"metadata", {{"name", deployment.name}, {"namespace", deployment.ns}}}});
  cluster_.refuse([this](const std::string& call, const Json&) -> std::optional<kube::ApiError> {
    // Its pods are still ending: the object stays.
    if (call == "get deployments system/liveroom-controller" &&
        cluster_.find(deployments, deployment) == nullptr)
      cluster_.put(deployments, {{"metadata", {{"name", deployment.name}, {"namespace", deployment.ns}}}});
    return std::nullopt;
  });
  const TimePoint before = loop_.clock.now();
  EXPECT_FALSE(clean_up(deployment));
  EXPECT_GE(loop_.clock.now() - before, std::chrono::seconds(60));
  EXPECT_EQ(left(), 6U);
}

TEST_F(CleanupTest, ARefusalInOneNamespaceBlocksNoOther) {
  cluster_.refuse([](const std::string& call, const Json&) -> std::optional<kube::ApiError> {
    if (call.starts_with("delete serviceaccounts a/")) return test::api_error(403, "Forbidden", "no right");
    if (call.starts_with("delete rolebindings a/")) return test::api_error(404, "NotFound", "gone");
    return std::nullopt;
  });
  EXPECT_FALSE(clean_up());
  EXPECT_NE(cluster_.find(kube::resources::service_accounts, {"a", "liveroom-recorder"}), nullptr);
  EXPECT_EQ(cluster_.find(kube::resources::service_accounts, {"b", "liveroom-recorder"}), nullptr);
  EXPECT_EQ(cluster_.find(kube::resources::disruption_budgets, {"a", "liveroom-recording"}), nullptr);
}

TEST_F(CleanupTest, AKindThatCantBeListedIsAFailure) {
  cluster_.refuse([](const std::string& call, const Json&) -> std::optional<kube::ApiError> {
    if (call.starts_with("list rolebindings")) return test::api_error(403, "Forbidden", "no right");
    return std::nullopt;
  });
  EXPECT_FALSE(clean_up());
  EXPECT_EQ(left(), 2U);
}

}  // namespace
}  // namespace live::controller
