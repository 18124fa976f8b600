// SPDX-License-Identifier: Apache-2.0
// Leader election, events and a whole controller against a real API server.
#include <boost/asio/error.hpp>

#include "kube/event_recorder.hpp"
#include "kube/manager.hpp"
#include "kube_fixture.hpp"
#include "support/fault_proxy.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;
using resources::config_maps;

// A client whose line is cut when the test says so.
class CuttableClient final : public Client {
 public:
  explicit CuttableClient(Client& inner) : inner_(inner) {}
  bool cut = false;

  awaitable<ApiResult<Json>> get(Resource resource, ObjectKey key, std::stop_token stop) override {
    check();
    return inner_.get(std::move(resource), std::move(key), std::move(stop));
  }
  awaitable<ApiResult<ListPage>> list(Resource resource, std::string ns, ListOptions options,
                                      std::stop_token stop) override {
    check();
    return inner_.list(std::move(resource), std::move(ns), std::move(options), std::move(stop));
  }
  awaitable<ApiResult<Json>> create(Resource resource, std::string ns, Json object, WriteOptions options,
                                    std::stop_token stop) override {
    check();
    return inner_.create(std::move(resource), std::move(ns), std::move(object), std::move(options),
                         std::move(stop));
  }
  awaitable<ApiResult<Json>> create_text(Resource resource, std::string ns, std::string object,
                                         WriteOptions options, std::stop_token stop) override {
    check();
    return inner_.create_text(std::move(resource), std::move(ns), std::move(object), std::move(options),
                              std::move(stop));
  }
  awaitable<ApiResult<Json>> replace(Resource resource, ObjectKey key, Json object, WriteOptions options,
                                     std::stop_token stop) override {
    check();
    return inner_.replace(std::move(resource), std::move(key), std::move(object), std::move(options),
                          std::move(stop));
  }
  awaitable<ApiResult<Json>> patch(Resource resource, ObjectKey key, Json patch, PatchOptions options,
                                   std::stop_token stop) override {
    check();
    return inner_.patch(std::move(resource), std::move(key), std::move(patch), std::move(options),
                        std::move(stop));
  }
  awaitable<ApiResult<Json>> remove(Resource resource, ObjectKey key, DeleteOptions options,
                                    std::stop_token stop) override {
    check();
    return inner_.remove(std::move(resource), std::move(key), std::move(options), std::move(stop));
  }
  awaitable<ApiResult<std::unique_ptr<net::ByteStream>>> watch(Resource resource, std::string ns,
                                                               WatchOptions options,
                                                               std::stop_token stop) override {
    check();
    return inner_.watch(std::move(resource), std::move(ns), std::move(options), std::move(stop));
  }

 private:
  void check() const {
    if (cut) throw system_error(asio::error::connection_refused);
  }
  Client& inner_;
};

struct Candidate {
  Candidate(test::ApiAccess& access, const std::string& ns, const std::string& identity,
            const ClusterConfig* through = nullptr)
      : connection(
            access.connect(identity, LeaderElector::request_timeout, through ? *through : access.config)),
        line(connection->client()),
        elector(access.loop.executor(), line, access.clock, access.random, metrics,
                {{ns, "lease"}, identity, "test", {}}),
        group(access.loop.executor()) {
    group.spawn(elector.run(group.token()));
  }
  std::unique_ptr<Connection> connection;
  CuttableClient line;
  Metrics metrics;
  LeaderElector elector;
  TaskGroup group;
};

struct KubeLeaderTest : test::KubeTest {
  std::string holder() {
    const auto lease = run(client().get(resources::leases, {ns, "lease"}, {}));
    return lease ? parse_lease(*lease).holder : "none";
  }
};

TEST_F(KubeLeaderTest, OneOfTwoLeadsAndACleanEndHandsOverWithinFiveSeconds) {
  Candidate one(*this, ns, "one");
  run_until([&] { return one.elector.leading(); });
  Candidate two(*this, ns, "two");
  run_until([&] { return two.elector.holder() == "one"; });
  EXPECT_FALSE(two.elector.leading());
  EXPECT_EQ(holder(), "one");
  end(one.group);
  EXPECT_EQ(holder(), "");
  const TimePoint ended = clock.now();
  run_until([&] { return two.elector.leading(); });
  EXPECT_LE(clock.now() - ended, 5s);
  end(two.group);
}

TEST_F(KubeLeaderTest, ACrashHandsOverWithinTwentySecondsAndTheOldOneKnowsFirst) {
  Candidate one(*this, ns, "one");
  run_until([&] { return one.elector.leading(); });
  Candidate two(*this, ns, "two");
  run_until([&] { return two.elector.holder() == "one"; });
  one.line.cut = true;
  const TimePoint cut = clock.now();
  run_until([&] {
    EXPECT_FALSE(one.elector.leading() && two.elector.leading());
    return two.elector.leading();
  });
  EXPECT_LE(clock.now() - cut, 20s);
  EXPECT_THROW(run(one.group.join()), LeaseLost);
  const auto lease = run(client().get(resources::leases, {ns, "lease"}, {}));
  EXPECT_EQ(parse_lease(*lease).transitions, 1);
  end(two.group);
}

// Renewals reach the server at once, and keep others away; their answers come late.
TEST_F(KubeLeaderTest, LateAnswersStopALeaderBeforeAnotherLeads) {
  test::FaultProxy proxy(loop.executor(), clock, config, {});
  const ClusterConfig through = proxy.config();
  TaskGroup group(loop.executor());
  group.spawn(proxy.run(group.token()));
  Candidate one(*this, ns, "one", &through);
  run_until([&] { return one.elector.leading(); });
  Candidate two(*this, ns, "two");
  run_until([&] { return two.elector.holder() == "one"; });

  proxy.answer_late(2s);
  const TimePoint slow = clock.now();
  run_until([&] { return clock.now() >= slow + 12s; });
  EXPECT_TRUE(one.elector.leading());  // slow, but in time

  proxy.answer_late(LeaderElector::request_timeout + 1s);
  const TimePoint late = clock.now();
  std::optional<TimePoint> stopped;
  run_until(
      [&] {
        EXPECT_FALSE(one.elector.leading() && two.elector.leading());
        if (!one.elector.leading() && !stopped) stopped = clock.now();
        return two.elector.leading();
      },
      60s);
  ASSERT_TRUE(stopped);
  EXPECT_LE(*stopped - late, 10s);
  EXPECT_THROW(run(one.group.join()), LeaseLost);
  EXPECT_EQ(holder(), "two");
  end(two.group);
  end(group);
}

struct KubeEventsTest : test::KubeTest {};

TEST_F(KubeEventsTest, ARepeatedEventIsOneObjectWithACount) {
  const auto made = run(client().create(config_maps, ns, test::config_map("a"), {}, {}));
  const Result<ObjectMeta> meta = parse_meta(*made);
  EventRecorder recorder(loop.executor(), client(), clock, random, metrics,
                         {"test.example/recorder", "pod-1"});
  TaskGroup group(loop.executor());
  group.spawn(recorder.run(group.token()));
  Event event;
  event.type = EventType::warning;
  event.reason = "SomethingFailed";
  event.action = "Create";
  event.note = "it failed: 直播😀";
  event.regarding = {"v1", "ConfigMap", meta->key, meta->uid};
  for (int i = 0; i < 5; ++i) recorder.record(event);
  run_until([&] { return metrics.text().find("kube_events_sent_total 2") != std::string::npos; });
  end(group);
  const auto events = run(client().list(resources::events, ns, {}, {}));
  ASSERT_TRUE(events);
  ASSERT_EQ(events->items.size(), 1u);
  const Json& sent = events->items[0];
  EXPECT_EQ(sent["reason"], "SomethingFailed");
  EXPECT_EQ(sent["note"], "it failed: 直播😀");
  EXPECT_EQ(sent["regarding"]["uid"], meta->uid);
  EXPECT_EQ(sent["series"]["count"], 2);
  EXPECT_EQ(metrics.text().find("kube_events_dropped_total 0") == std::string::npos, false);
}

struct Thing {
  ObjectMeta meta;
};

Result<Thing> decode(const Json& object) {
  const Result<ObjectMeta> meta = parse_meta(object);
  if (!meta) return Failure{meta.error()};
  return Thing{*meta};
}

// Gives each ConfigMap with label app=parent a child of a fixed name.
class ChildMaker final : public Reconciler {
 public:
  ChildMaker(Client& client, Store<Thing>& parents, Store<Thing>& children)
      : client_(client), parents_(parents), children_(children) {}
  int writes = 0;

  awaitable<Action> reconcile(ObjectKey key, std::stop_token stop) override {
    const auto parent = parents_.find(key);
    const ObjectKey child{key.ns, key.name + "-child"};
    if (!parent || parent->meta.terminating() || children_.find(child)) co_return Action::await_change();
    Json object = test::config_map(child.name, Json::object(), {{"app", "child"}});
    object["metadata"]["ownerReferences"] =
        Json::array({owner_reference_json({"v1", "ConfigMap", key.name, parent->meta.uid, true, false})});
    ++writes;
    const auto made = co_await client_.create(config_maps, key.ns, std::move(object), WriteOptions(), stop);
    if (!made && !made.error().is_already_exists())
      throw ApiException("create " + child.text(), made.error());
    co_return Action::await_change();
  }

 private:
  Client& client_;
  Store<Thing>& parents_;
  Store<Thing>& children_;
};

// Everything that a controller program has.
struct Program {
  Program(test::ApiAccess& access, const std::string& ns, const std::string& identity)
      : connection(access.connect(identity, 10s)),
        lease_connection(access.connect(identity, LeaderElector::request_timeout)),
        parents(connection->client(), access.clock, access.random, metrics, select("parent"), {ns}, decode),
        children(connection->client(), access.clock, access.random, metrics, select("child"), {ns}, decode),
        maker(connection->client(), parents.store(), children.store()),
        controller(access.loop.executor(), access.clock, access.random, metrics, maker, {"maker", 4, {}, 5s}),
        elector(access.loop.executor(), lease_connection->client(), access.clock, access.random, metrics,
                {{ns, "lease"}, identity, "test", {}}),
        manager(access.loop.executor(), access.clock),
        group(access.loop.executor()) {
    parents.store().on_change([this](const Store<Thing>::Change& change) {
      controller.enqueue(change.key, change.first_list ? Priority::low : Priority::normal);
    });
    children.store().on_change([this](const Store<Thing>::Change& change) {
      const auto& seen = change.after ? change.after : change.before;
      if (const OwnerReference* owner = seen->meta.controller())
        controller.enqueue({change.key.ns, owner->name});
    });
    manager.add(parents);
    manager.add(children);
    manager.add(controller);
    manager.set_elector(elector);
    group.spawn(manager.run(group.token()));
  }
  static ReflectorOptions select(const std::string& app) {
    ReflectorOptions made;
    made.resource = config_maps;
    made.label_selector = "app=" + app;
    return made;
  }

  Metrics metrics;
  std::unique_ptr<Connection> connection;
  std::unique_ptr<Connection> lease_connection;
  Informer<Thing> parents;
  Informer<Thing> children;
  ChildMaker maker;
  Controller controller;
  LeaderElector elector;
  Manager manager;
  TaskGroup group;
};

struct KubeControllerTest : test::KubeTest {
  void create_parents(int count) {
    for (int i = 0; i < count; ++i) {
      const Json parent = test::config_map("p-" + std::to_string(i), Json::object(), {{"app", "parent"}});
      ASSERT_TRUE(run(client().create(config_maps, ns, parent, {}, {})));
    }
  }
};

TEST_F(KubeControllerTest, MakesWhatIsMissingRepairsWhatIsLostAndChangesNothingElse) {
  constexpr int count = 100;
  create_parents(count);
  {
    Program program(*this, ns, "first");
    run_until([&] { return program.children.store().size() == count && program.controller.idle(); });
    EXPECT_EQ(program.maker.writes, count);
    ASSERT_TRUE(run(client().remove(config_maps, {ns, "p-7-child"}, {}, {})));
    run_until([&] { return program.maker.writes == count + 1 && program.children.store().size() == count; });
    end(program.group);
  }
  {
    Program program(*this, ns, "second");
    run_until([&] { return program.elector.leading(); });
    const auto done = [&] {
      return program.metrics.text().find("result=\"success\"} " + std::to_string(count)) != std::string::npos;
    };
    run_until([&] { return program.controller.idle() && done(); });
    EXPECT_EQ(program.maker.writes, 0);
    end(program.group);
  }
}

TEST_F(KubeControllerTest, AStandbyTakesOverWarm) {
  create_parents(5);
  Program first(*this, ns, "first");
  run_until([&] { return first.children.store().size() == 5; });
  Program second(*this, ns, "second");
  run_until([&] { return second.manager.synced() && second.elector.holder() == "first"; });
  end(first.group);
  const Json late = test::config_map("late", Json::object(), {{"app", "parent"}});
  ASSERT_TRUE(run(client().create(config_maps, ns, late, {}, {})));
  run_until([&] { return second.children.store().find({ns, "late-child"}) != nullptr; }, 10s);
  EXPECT_EQ(second.maker.writes, 1);
  end(second.group);
}

}  // namespace
}  // namespace live::kube
