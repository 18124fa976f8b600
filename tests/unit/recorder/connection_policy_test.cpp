// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection_policy.hpp"

#include <gtest/gtest.h>

namespace live::recorder {
namespace {
using namespace std::chrono_literals;

class ConnectionPolicyTest : public ::testing::Test {
 protected:
  ConnectionAction next() { return policy_.next(now_, wall_); }
  std::string host() {
    const ConnectionAction action = next();
    const auto* connect = std::get_if<Connect>(&action);
    return connect != nullptr ? connect->candidate.host : "";
  }
  bool fetches() { return std::holds_alternative<FetchPlayInfo>(next()); }
  Duration wait() {
    const ConnectionAction action = next();
    const auto* until = std::get_if<WaitUntil>(&action);
    return until != nullptr ? until->when - now_ : Duration::zero();
  }
  void end(ConnectionEnd how, bool had_media) { policy_.connection_ended(how, had_media, now_, random_); }
  void two_hosts() {
    policy_.play_info_arrived({{"u1", "a", wall_ + 1h}, {"u2", "b", wall_ + 1h}}, now_, wall_, random_);
  }

  ConnectionPolicy policy_{TransportSettings{}};
  Random random_{1};
  TimePoint now_{1h};
  WallTime wall_{1000s};
};

TEST_F(ConnectionPolicyTest, AsksForPlayInfoAtOnceAndConnectsAtOnce) {
  EXPECT_TRUE(fetches());
  two_hosts();
  EXPECT_EQ(host(), "a");
}

TEST_F(ConnectionPolicyTest, AClockThatIsHoursAheadNeitherKeepsFromRecordingNorAsksInALoop) {
  const auto arrive = [this] {
    policy_.play_info_arrived({{"u1", "a", wall_ - 1h}, {"u2", "b", wall_ - 2h}}, now_, wall_, random_);
  };
  arrive();
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused, false);
  EXPECT_EQ(host(), "b");
  now_ += 2s;
  end(ConnectionEnd::refused, false);
  EXPECT_GE(wait(), 4s);
}

TEST_F(ConnectionPolicyTest, EachHostOnceThenANewPlayInfoAfterTheInterval) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused, false);
  EXPECT_EQ(host(), "b");
  now_ += 2s;
  end(ConnectionEnd::stalled, false);
  const Duration pause = wait();
  EXPECT_GE(pause, 4s);
  EXPECT_LE(pause, 6s);
  now_ += pause;
  EXPECT_TRUE(fetches());
}

TEST_F(ConnectionPolicyTest, AfterMediaTheSameUrlAtOnceWhileItIsValid) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 60s;
  end(ConnectionEnd::broken, true);
  EXPECT_EQ(host(), "a");
  now_ += 60s;
  wall_ += 2h;
  end(ConnectionEnd::broken, true);
  EXPECT_TRUE(fetches());
}

TEST_F(ConnectionPolicyTest, ConnectionsThatEndAtOnceAreSpaced) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  end(ConnectionEnd::finished, true);
  EXPECT_EQ(wait(), ConnectionPolicy::min_spacing);
}

TEST_F(ConnectionPolicyTest, GivesUpAfterMaxRetryTimesAndStartsAnewWhenWoken) {
  policy_.set({.socket_timeout = 10s, .retry_interval = 5s, .max_retry_times = 2});
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused, false);
  EXPECT_EQ(host(), "b");
  end(ConnectionEnd::refused, false);
  EXPECT_TRUE(std::holds_alternative<GiveUp>(next()));
  policy_.wake();
  EXPECT_TRUE(fetches());
}

TEST_F(ConnectionPolicyTest, MediaResetsTheCountOfFailures) {
  policy_.set({.socket_timeout = 10s, .retry_interval = 5s, .max_retry_times = 2});
  two_hosts();
  EXPECT_EQ(host(), "a");
  end(ConnectionEnd::refused, false);
  end(ConnectionEnd::broken, true);
  end(ConnectionEnd::refused, false);
  EXPECT_FALSE(std::holds_alternative<GiveUp>(next()));
}

TEST_F(ConnectionPolicyTest, NoStreamInThePlayInfoWaitsAndAsksAgain) {
  policy_.play_info_arrived({}, now_, wall_, random_);
  EXPECT_GE(wait(), 4s);
  policy_.play_info_failed(now_, random_);
  EXPECT_GE(wait(), 4s);
  policy_.wake();
  EXPECT_TRUE(fetches());
}

}  // namespace
}  // namespace live::recorder
