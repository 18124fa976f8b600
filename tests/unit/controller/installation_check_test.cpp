// SPDX-License-Identifier: Apache-2.0
#include "controller/installation_check.hpp"

#include <gtest/gtest.h>

#include "controller/live_room.hpp"
#include "fake_cluster.hpp"
#include "support/loop.hpp"
#include "support/scripted_http.hpp"

namespace live::controller {
namespace {
using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

class InstallationCheckTest : public ::testing::Test {
 protected:
  InstallationCheckTest() { http_.reply("/readyz", "ok\n"); }

  bool check(const std::string& readiness = "http://controller:8080/readyz") {
    return loop_.run(
        check_installation(cluster_, http_, loop_.clock, {.ns = "n", .readiness = readiness}, {}));
  }
  void refuse_until(TimePoint end, int code) {
    cluster_.refuse([this, end, code](const std::string&, const Json&) -> std::optional<kube::ApiError> {
      if (loop_.clock.now() < end) return test::api_error(code, "", "not served");
      return std::nullopt;
    });
  }

  live::test::Loop loop_;
  test::FakeCluster cluster_;
  live::test::ScriptedHttp http_{loop_.clock};
};

TEST_F(InstallationCheckTest, ARoomThatIsTakenAndAControllerThatIsReady) {
  EXPECT_TRUE(check());
  EXPECT_EQ(cluster_.calls(), Calls{"create liverooms n/"});
  EXPECT_EQ(http_.last("/readyz").url.authority(), "controller:8080");
}

TEST_F(InstallationCheckTest, ANewDefinitionIsGivenTime) {
  refuse_until(loop_.clock.now() + 5s, 404);
  EXPECT_TRUE(check());
}

TEST_F(InstallationCheckTest, ADefinitionThatIsMissingIsAFailure) {
  refuse_until(TimePoint::max(), 404);
  EXPECT_FALSE(check());
  EXPECT_EQ(cluster_.calls().size(), 31U);
}

TEST_F(InstallationCheckTest, AControllerThatIsNotReadyIsAFailure) {
  http_.reply("/readyz", 503, "the first lists are not complete\n");
  EXPECT_FALSE(check());
}

TEST_F(InstallationCheckTest, AControllerThatDoesNotAnswerIsAFailure) {
  http_.unreachable = true;
  EXPECT_FALSE(check());
}

TEST_F(InstallationCheckTest, AnAddressThatIsNoneIsAFailure) { EXPECT_FALSE(check("controller")); }

}  // namespace
}  // namespace live::controller
