// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/delivery_policy.hpp"

#include <gtest/gtest.h>

#include "recorder/notifications/signature.hpp"

namespace live::recorder {
namespace {

using namespace std::chrono_literals;

class DeliveryPolicyTest : public ::testing::Test {
 protected:
  DeliveryOutcome attempt(std::optional<int> status, std::uint64_t sequence = 1) {
    return policy_.attempted(sequence, status, now_, random_);
  }
  Duration wait() const { return policy_.not_before() - now_; }

  DeliveryPolicy policy_;
  Random random_{1};
  TimePoint now_{1h};
};

TEST_F(DeliveryPolicyTest, AnyStatusOfSuccessIsADelivery) {
  for (const int status : {200, 201, 202, 204, 299}) EXPECT_EQ(attempt(status), DeliveryOutcome::delivered);
  for (const int status : {100, 199, 300, 302, 304, 404, 500, 503})
    EXPECT_EQ(attempt(status), DeliveryOutcome::failed);
  EXPECT_EQ(attempt(std::nullopt), DeliveryOutcome::failed);
}

TEST_F(DeliveryPolicyTest, WaitsGrowFromASecondToFiveMinutesWithJitter) {
  Duration least = 1s;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(attempt(503), DeliveryOutcome::failed);
    EXPECT_GE(wait(), least);
    EXPECT_LE(wait(), least * 3 / 2);
    now_ = policy_.not_before();
    least = std::min<Duration>(least * 2, 5min);
  }
}

TEST_F(DeliveryPolicyTest, ADeliveryStartsOver) {
  for (int i = 0; i < 8; ++i) attempt(503);
  attempt(200);
  EXPECT_LE(policy_.not_before(), now_);
  attempt(503, 2);
  EXPECT_LE(wait(), 1500ms);
}

TEST_F(DeliveryPolicyTest, AnEventThatIsRefusedForAnHourIsLeftOut) {
  const TimePoint begin = now_;
  DeliveryOutcome outcome = attempt(422, 9);
  while (outcome == DeliveryOutcome::failed) {
    now_ = policy_.not_before();
    outcome = attempt(422, 9);
  }
  EXPECT_EQ(outcome, DeliveryOutcome::rejected);
  EXPECT_GE(now_ - begin, 1h);
  EXPECT_LE(now_ - begin, 1h + 8min);
  EXPECT_EQ(attempt(422, 10), DeliveryOutcome::failed);  // the next one has an hour of its own
}

TEST_F(DeliveryPolicyTest, AReceiverThatIsDownOrLocksUsOutIsWaitedFor) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(attempt(i % 2 == 0 ? 401 : 404), DeliveryOutcome::failed);
    now_ += 10min;
  }
}

// RFC 4231, test cases 1, 2 and 6.
TEST(WebhookSignature, AgreesWithTheVectorsOfTheStandard) {
  EXPECT_EQ(webhook_signature(std::string(20, '\x0b'), "Hi There"),
            "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(webhook_signature("Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      webhook_signature(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace live::recorder
