// SPDX-License-Identifier: Apache-2.0
#include "kube/leader_elector.hpp"

#include <gtest/gtest.h>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "kube/rest_client.hpp"
#include "lease_server.hpp"
#include "support/loop.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

// One process with its connections.
struct Candidate {
  Candidate(live::test::Loop& loop, test::LeaseServer& server, const std::string& identity)
      : api(loop.clock),
        random(std::hash<std::string>()(identity)),
        client(api, api, loop.clock, metrics, TokenSource("", ""),
               {net::parse_url("http://host").value(), LeaderElector::request_timeout}),
        elector(loop.executor(), client, loop.clock, random, metrics,
                {{"ns", "lease"}, identity, "test", {}}),
        group(loop.executor()) {
    api.on_request = [this, &server](const net::HttpRequest& request) {
      test::Reply reply = own_server ? own_server->answer(request) : server.answer(request);
      if (late > Duration::zero()) reply.delay = late;
      return reply;
    };
    group.spawn(elector.run(group.token()));
    loop.poll();
  }

  test::ScriptedApi api;
  test::LeaseServer* own_server = nullptr;
  Duration late{};  // so long after the server has done what was asked, its answer comes
  Metrics metrics;
  Random random;
  RestClient client;
  LeaderElector elector;
  TaskGroup group;
};

struct LeaderElectorTest : testing::Test {
  live::test::Loop loop;
  test::LeaseServer server;

  void stop(Candidate& candidate) {
    candidate.group.request_stop();
    loop.run(candidate.group.join());
  }
  bool is_master(const Candidate& candidate) {
    return candidate.metrics.text().find("leader_election_master_status{name=\"lease\"} 1") !=
           std::string::npos;
  }
};

TEST_F(LeaderElectorTest, TakesTheLeaseRenewsItAndGivesItBack) {
  Candidate one(loop, server, "one");
  EXPECT_TRUE(one.elector.leading());
  EXPECT_TRUE(is_master(one));
  EXPECT_EQ(server.holder(), "one");
  EXPECT_EQ(server.reads, 1);
  loop.advance(1min);
  EXPECT_EQ(server.reads, 1);
  EXPECT_GE(server.writes, 30);
  EXPECT_LE(server.writes, 32);
  stop(one);
  EXPECT_EQ(server.holder(), "");
  EXPECT_EQ(parse_lease(*server.lease).duration_seconds, 1);
  EXPECT_FALSE(is_master(one));
}

TEST_F(LeaderElectorTest, ASecondOneFollowsACleanEndWithinFiveSeconds) {
  Candidate one(loop, server, "one");
  Candidate two(loop, server, "two");
  loop.advance(1min);
  EXPECT_TRUE(one.elector.leading());
  EXPECT_FALSE(two.elector.leading());
  EXPECT_EQ(two.elector.holder(), "one");
  stop(one);
  loop.advance(5s);
  EXPECT_TRUE(two.elector.leading());
  stop(two);
}

TEST_F(LeaderElectorTest, ASecondOneFollowsACrashWithinTwentySecondsAndNeverBefore) {
  std::optional<Candidate> one;
  one.emplace(loop, server, "one");
  Candidate two(loop, server, "two");
  loop.advance(1min);
  test::LeaseServer nowhere;
  nowhere.unreachable = true;
  one->own_server = &nowhere;
  loop.advance(11s);
  EXPECT_FALSE(one->elector.leading());
  EXPECT_FALSE(two.elector.leading());
  EXPECT_THROW(loop.run(one->group.join()), LeaseLost);
  loop.advance(9s);
  EXPECT_TRUE(two.elector.leading());
  EXPECT_EQ(parse_lease(*server.lease).transitions, 1);
  one.reset();
  stop(two);
}

TEST_F(LeaderElectorTest, ARequestThatHangsDoesNotKeepALostLease) {
  Candidate one(loop, server, "one");
  const TimePoint renewed = loop.clock.now();
  server.hangs = true;
  EXPECT_THROW(loop.run(one.group.join()), LeaseLost);
  EXPECT_EQ(loop.clock.now() - renewed, 10s);
  EXPECT_FALSE(is_master(one));
}

// What the server has stored counts for others from then on, but for the leader from when it asked; and an
// answer that comes after the request's time is none.
TEST_F(LeaderElectorTest, LateAnswersStopALeaderBeforeAnotherLeads) {
  struct Case {
    Duration late;
    bool goes_on;
  };
  for (const Case& c : {Case{500ms, true}, Case{3s, true}, Case{4900ms, true}, Case{5100ms, false},
                        Case{9s, false}, Case{20s, false}}) {
    SCOPED_TRACE(std::chrono::duration<double>(c.late).count());
    server = test::LeaseServer();
    Candidate one(loop, server, "one");
    Candidate two(loop, server, "two");
    loop.advance(10s);
    ASSERT_TRUE(one.elector.leading());
    one.late = c.late;
    const TimePoint began = loop.clock.now();
    std::optional<TimePoint> stopped, followed;
    while (loop.clock.now() < began + 60s) {
      loop.advance(50ms);
      ASSERT_FALSE(one.elector.leading() && two.elector.leading());
      if (!one.elector.leading() && !stopped) stopped = loop.clock.now();
      if (two.elector.leading() && !followed) followed = loop.clock.now();
    }
    EXPECT_EQ(one.elector.leading(), c.goes_on);
    EXPECT_EQ(followed.has_value(), !c.goes_on);
    if (stopped && followed) {
      EXPECT_LE(*stopped - began, 10s);
      EXPECT_GE(*followed - *stopped, 5s);
      EXPECT_THROW(loop.run(one.group.join()), LeaseLost);
    } else {
      stop(one);
    }
    stop(two);
  }
}

// Its loop stands still: what should have ended it has not run.
TEST_F(LeaderElectorTest, ALeaderThatNeitherRenewsNorEndsIsUnhealthy) {
  Candidate one(loop, server, "one");
  Candidate two(loop, server, "two");
  const TimePoint renewed = loop.clock.now();
  loop.clock.set(renewed + 35s);
  EXPECT_FALSE(one.elector.leading());
  EXPECT_TRUE(one.elector.healthy());
  loop.clock.set(renewed + 36s);
  EXPECT_FALSE(one.elector.healthy());
  EXPECT_TRUE(two.elector.healthy());  // it has nothing to renew
  EXPECT_THROW(loop.run(one.group.join()), LeaseLost);
  stop(two);
}

TEST_F(LeaderElectorTest, AShortOutageIsSurvived) {
  Candidate one(loop, server, "one");
  loop.advance(2s);
  server.unreachable = true;
  loop.advance(7s);
  server.unreachable = false;
  loop.advance(1min);
  EXPECT_TRUE(one.elector.leading());
  EXPECT_TRUE(one.elector.healthy());
  EXPECT_EQ(one.metrics.text().find("leader_election_slowpath_total{name=\"lease\"} 0"), std::string::npos);
  stop(one);
}

TEST_F(LeaderElectorTest, ALeaseTakenByAnotherIsLostAtTheNextRenewal) {
  Candidate one(loop, server, "one");
  server.take_over("two");
  EXPECT_THROW(loop.run(one.group.join()), LeaseLost);
  EXPECT_EQ(server.holder(), "two");
}

TEST_F(LeaderElectorTest, ADeletedLeaseIsMadeAgain) {
  Candidate one(loop, server, "one");
  server.lease.reset();
  loop.advance(5s);
  EXPECT_TRUE(one.elector.leading());
  EXPECT_EQ(server.holder(), "one");
  stop(one);
}

TEST_F(LeaderElectorTest, ATouchedLeaseIsStillReleased) {
  Candidate one(loop, server, "one");
  Json touched = *server.lease;
  touched["metadata"]["resourceVersion"] = "99";
  touched["metadata"]["labels"] = {{"a", "b"}};
  server.lease = touched;
  stop(one);
  EXPECT_EQ(server.holder(), "");
  EXPECT_EQ((*server.lease)["metadata"]["labels"]["a"], "b");
}

TEST_F(LeaderElectorTest, OnlyOneOfManyLeadsAtAnyMoment) {
  std::vector<std::unique_ptr<Candidate>> all;
  for (int i = 0; i < 5; ++i)
    all.push_back(std::make_unique<Candidate>(loop, server, "c" + std::to_string(i)));
  Random random(11);
  for (int step = 0; step < 3000; ++step) {
    if (random.between(0, 200) == 0) server.unreachable = !server.unreachable;
    loop.advance(100ms);
    int leaders = 0;
    for (const auto& candidate : all) leaders += candidate->elector.leading() ? 1 : 0;
    ASSERT_LE(leaders, 1);
  }
  server.unreachable = false;
  for (const auto& candidate : all) {
    candidate->group.request_stop();
    try {
      loop.run(candidate->group.join());
    } catch (const LeaseLost&) {
    }
  }
}

TEST_F(LeaderElectorTest, AcquiredWaitsForTheLease) {
  server.take_over("two");
  Candidate one(loop, server, "one");
  const bool acquired = loop.run(one.elector.acquired({}));
  EXPECT_TRUE(acquired);
  EXPECT_TRUE(one.elector.leading());
  stop(one);
}

TEST(MakeIdentity, DiffersBetweenLivesOfOneHost) {
  Random random(7);
  const std::string first = make_identity("host", random);
  EXPECT_EQ(first.substr(0, 5), "host_");
  EXPECT_NE(first, make_identity("host", random));
}

}  // namespace
}  // namespace live::kube
