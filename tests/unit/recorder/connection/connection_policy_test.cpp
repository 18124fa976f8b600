// SPDX-License-Identifier: Apache-2.0
#include "recorder/connection/connection_policy.hpp"

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
  void end(ConnectionEnd how, std::optional<Duration> media_for = {}) {
    policy_.connection_ended(how, media_for, now_, random_);
  }
  void two_hosts() {
    policy_.play_info_arrived({{"u1", "a", wall_ + 1h}, {"u2", "b", wall_ + 1h}}, now_, wall_, random_);
  }

  HostScores hosts_;
  ConnectionPolicy policy_{TransportSettings{}, hosts_};
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
  end(ConnectionEnd::refused);
  EXPECT_EQ(host(), "b");
  now_ += 2s;
  end(ConnectionEnd::refused);
  EXPECT_GE(wait(), 4s);
}

TEST_F(ConnectionPolicyTest, EachHostOnceThenANewPlayInfoAfterTheInterval) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused);
  EXPECT_EQ(host(), "b");
  now_ += 2s;
  end(ConnectionEnd::stalled);
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
  end(ConnectionEnd::broken, 60s);
  EXPECT_EQ(host(), "a");
  now_ += 60s;
  wall_ += 2h;
  end(ConnectionEnd::broken, 60s);
  EXPECT_TRUE(fetches());
}

TEST_F(ConnectionPolicyTest, AHostThatStalledIsLeftForAnotherAndForgivenWithTime) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 60s;
  end(ConnectionEnd::stalled, 50s);
  EXPECT_EQ(host(), "b");
  // What is being asked is not left for a host that is no better.
  now_ += 11min;
  end(ConnectionEnd::broken, 11min);
  EXPECT_EQ(host(), "b");
  two_hosts();
  now_ += 2s;
  EXPECT_EQ(host(), "a");
}

TEST_F(ConnectionPolicyTest, ANewPlayInfoBeginsWithTheHostThatFailedLeast) {
  hosts_.ended("a", ConnectionEnd::refused, 0s, now_);
  two_hosts();
  EXPECT_EQ(host(), "b");
  now_ += 2s;
  end(ConnectionEnd::stalled);
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused);
  now_ += 6s;
  EXPECT_TRUE(fetches());
  two_hosts();
  EXPECT_EQ(host(), "a");  // two failures each: the preferences decide
}

TEST_F(ConnectionPolicyTest, WhenEveryHostStallsEachIsTriedInTurn) {
  two_hosts();
  std::string asked;
  for (int i = 0; i < 6; ++i) {
    now_ += 20s;
    asked += host();
    end(ConnectionEnd::stalled, 1s);
  }
  EXPECT_EQ(asked, "ababab");
}

TEST_F(ConnectionPolicyTest, ConnectionsThatEndAtOnceAreSpaced) {
  two_hosts();
  EXPECT_EQ(host(), "a");
  end(ConnectionEnd::finished, 0s);
  EXPECT_EQ(wait(), ConnectionPolicy::min_spacing);
}

TEST_F(ConnectionPolicyTest, GivesUpAfterMaxRetryTimesAndStartsAnewWhenWoken) {
  policy_.set({.socket_timeout = 10s, .retry_interval = 5s, .max_retry_times = 2});
  two_hosts();
  EXPECT_EQ(host(), "a");
  now_ += 2s;
  end(ConnectionEnd::refused);
  EXPECT_EQ(host(), "b");
  end(ConnectionEnd::refused);
  EXPECT_TRUE(std::holds_alternative<GiveUp>(next()));
  policy_.wake();
  EXPECT_TRUE(fetches());
}

TEST_F(ConnectionPolicyTest, MediaResetsTheCountOfFailures) {
  policy_.set({.socket_timeout = 10s, .retry_interval = 5s, .max_retry_times = 2});
  two_hosts();
  EXPECT_EQ(host(), "a");
  end(ConnectionEnd::refused);
  end(ConnectionEnd::broken, 1s);
  end(ConnectionEnd::refused);
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
