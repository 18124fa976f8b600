// SPDX-License-Identifier: Apache-2.0
#include "kube/manager.hpp"

#include <gtest/gtest.h>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/stop.hpp"
#include "kube/rest_client.hpp"
#include "lease_server.hpp"
#include "support/loop.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;

struct Thing {
  std::string name;
};

struct LoggingReconciler final : Reconciler {
  LoggingReconciler(Clock& clock_, std::vector<std::string>& log_) : clock(clock_), log(log_) {}
  awaitable<Action> reconcile(ObjectKey key, std::stop_token stop) override {
    log.push_back("begin " + key.name);
    const bool passed = co_await clock.sleep_for(3s, stop);
    log.push_back((passed ? "end " : "cut ") + key.name);
    if (!passed) throw Stopped();
    co_return Action::await_change();
  }
  Clock& clock;
  std::vector<std::string>& log;
};

struct ManagerTest : testing::Test {
  live::test::Loop loop;
  test::ScriptedApi api{loop.clock};
  test::LeaseServer leases;
  Metrics metrics;
  Random random{7};
  std::vector<std::string> log;
  RestClient client{
      api, api, loop.clock, metrics, TokenSource("", ""), {net::parse_url("http://host").value(), 5s}};
  Informer<Thing> informer{client, loop.clock, random, metrics, pods(), {}, [](const Json& object) {
                             return Result<Thing>(Thing{key_of(object).name});
                           }};
  LoggingReconciler reconciler{loop.clock, log};
  Controller controller{loop.executor(), loop.clock, random, metrics, reconciler, {"test", 2, {}, 20s}};
  LeaderElector elector{loop.executor(), client,  loop.clock,
                        random,          metrics, {{"ns", "lease"}, "me", "test", {}}};
  Manager manager{loop.executor(), loop.clock};
  TaskGroup group{loop.executor()};
  int list_status = 200;

  static ReflectorOptions pods() {
    ReflectorOptions made;
    made.resource = resources::pods;
    made.streaming_lists = false;
    return made;
  }

  ManagerTest() {
    api.on_request = [this](const net::HttpRequest& request) {
      if (request.url.target.find("/leases") != std::string::npos) return leases.answer(request);
      return test::Reply{list_status,
                         R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[
          {"metadata":{"name":"a","namespace":"ns","resourceVersion":"1"}}]})",
                         {},
                         {},
                         {}};
    };
    informer.store().on_change([this](const Store<Thing>::Change& change) {
      controller.enqueue(change.key, change.first_list ? Priority::low : Priority::normal);
    });
    manager.add(informer);
    manager.add(controller);
    manager.set_elector(elector);
    manager.add_service([this](std::stop_token stop) { return service(stop); });
    manager.on_settled([this] { log.push_back("settled"); });
  }
  awaitable<void> service(std::stop_token stop) {
    log.push_back("service begins");
    co_await loop.clock.sleep_until(TimePoint::max(), stop);
    log.push_back(leases.holder() == "me" ? "service ends before the lease" : "service ends");
  }
  void start() {
    group.spawn(manager.run(group.token()));
    loop.poll();
  }
  using Lines = std::vector<std::string>;
};

TEST_F(ManagerTest, StartsInOrderAndStopsInReverse) {
  start();
  EXPECT_EQ(log, (Lines{"service begins", "settled", "begin a"}));
  EXPECT_TRUE(manager.synced());
  EXPECT_TRUE(manager.leading());
  loop.advance(1s);
  group.request_stop();
  loop.run(group.join());
  EXPECT_EQ(log, (Lines{"service begins", "settled", "begin a", "end a", "service ends before the lease"}));
  EXPECT_EQ(leases.holder(), "");
  EXPECT_FALSE(api.streams[0]->being_read());
}

TEST_F(ManagerTest, NoWorkerAndNoElectionBeforeTheCachesAreSettled) {
  list_status = 503;
  start();
  loop.advance(1min);
  EXPECT_FALSE(manager.synced());
  EXPECT_EQ(leases.holder(), "");
  EXPECT_EQ(log, Lines{"service begins"});
  list_status = 200;
  loop.advance(2min);
  EXPECT_EQ(leases.holder(), "me");
  EXPECT_EQ(log.back(), "end a");
  group.request_stop();
  loop.run(group.join());
}

TEST_F(ManagerTest, ACacheThatIsRefusedDoesNotHoldUpTheRest) {
  list_status = 403;
  start();
  EXPECT_FALSE(manager.synced());
  EXPECT_TRUE(manager.settled());
  EXPECT_TRUE(manager.leading());
  group.request_stop();
  loop.run(group.join());
}

TEST_F(ManagerTest, AStandbyIsWarmAndWorksAsSoonAsItLeads) {
  leases.take_over("other");
  start();
  loop.advance(5s);
  EXPECT_TRUE(manager.synced());
  EXPECT_FALSE(manager.leading());
  EXPECT_EQ(log.back(), "settled");
  leases.take_over("");
  loop.advance(5s);
  EXPECT_TRUE(manager.leading());
  EXPECT_EQ(log.back().substr(log.back().size() - 1), "a");
  group.request_stop();
  loop.run(group.join());
}

TEST_F(ManagerTest, AStandbyCanBeStopped) {
  leases.take_over("other");
  start();
  loop.advance(5s);
  group.request_stop();
  loop.run(group.join());
  EXPECT_EQ(leases.holder(), "other");
}

TEST_F(ManagerTest, ALostLeaseCutsTheWorkersAndIsThrown) {
  start();
  loop.advance(1s);
  leases.take_over("other");
  EXPECT_THROW(loop.run(group.join()), LeaseLost);
  EXPECT_EQ(leases.holder(), "other");
  EXPECT_EQ(log.back(), "service ends");
  EXPECT_EQ(log[log.size() - 2], "cut a");
  EXPECT_TRUE(manager.healthy());
}

TEST_F(ManagerTest, AServiceThatFailsStopsEverythingInOrder) {
  manager.add_service([](std::stop_token) -> awaitable<void> {
    throw std::runtime_error("port taken");
    co_return;
  });
  start();
  EXPECT_THROW(loop.run(group.join()), std::runtime_error);
  EXPECT_EQ(log.back(), "service ends");
}

TEST_F(ManagerTest, LeaderTasksRunWhileLeading) {
  manager.add_leader_task([this](std::stop_token stop) { return service(stop); });
  start();
  EXPECT_EQ(std::count(log.begin(), log.end(), "service begins"), 2);
  group.request_stop();
  loop.run(group.join());
}

TEST_F(ManagerTest, RefreshesTheGaugesOfAllParts) {
  start();
  loop.advance(30s);
  manager.refresh_metrics();
  EXPECT_NE(
      metrics.text().find("reflector_watch_last_event_age_seconds{namespace=\"\",resource=\"pods\"} 30"),
      std::string::npos);
  group.request_stop();
  loop.run(group.join());
}

TEST(ManagerWithoutElection, LeadsFromTheStart) {
  live::test::Loop loop;
  Manager manager(loop.executor(), loop.clock);
  TaskGroup group(loop.executor());
  group.spawn(manager.run(group.token()));
  loop.poll();
  EXPECT_TRUE(manager.leading());
  EXPECT_TRUE(manager.synced());
  group.request_stop();
  loop.run(group.join());
}

}  // namespace
}  // namespace live::kube
