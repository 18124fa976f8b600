// SPDX-License-Identifier: Apache-2.0
// Stores that follow a real API server through a proxy that does everything to them that can happen.
#include <gtest/gtest.h>

#include "kube/informer.hpp"
#include "kube_fixture.hpp"
#include "support/fault_proxy.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;
using resources::config_maps;
using test::Fault;

constexpr int writers = 16;
constexpr int objects_each = 64;
constexpr int changes_each = 10;  // of one object, its making and its end among them

struct Thing {
  std::string version;
  std::string value;
};

Result<Thing> decode(const Json& object) {
  return Thing{resource_version_of(object), json_string(json_at(object, "/data/value")).value_or("")};
}

std::string name_of(int writer, int object) {
  return "cm-" + std::to_string(writer) + "-" + std::to_string(object);
}

Json data_of(int change) { return {{"data", {{"value", "\u6b4c\U0001F3A4" + std::to_string(change)}}}}; }

struct KubeFaultsTest : test::KubeTest {
  // Makes, changes and partly removes objects, some 10,000 changes with those of all writers.
  awaitable<void> write(Client& direct, int writer, int& done, std::stop_token stop) {
    for (int change = 0; change < changes_each; ++change) {
      for (int object = 0; object < objects_each; ++object) {
        const ObjectKey key{ns, name_of(writer, object)};
        bool well = false;
        if (change == 0) {
          Json made = test::config_map(key.name, data_of(0)["data"], {{"app", "x"}});
          const auto answer = co_await direct.create(config_maps, ns, std::move(made), WriteOptions(), stop);
          well = answer.has_value();
        } else if (change == changes_each - 1 && object % 2 == 0) {
          const auto answer = co_await direct.remove(config_maps, key, DeleteOptions(), stop);
          well = answer.has_value();
        } else {
          Json patch = data_of(change);
          const auto answer = co_await direct.patch(config_maps, key, std::move(patch), PatchOptions(), stop);
          well = answer.has_value();
        }
        if (well) ++done;
      }
    }
  }

  ReflectorOptions options(bool streaming) const {
    ReflectorOptions made;
    made.resource = config_maps;
    made.label_selector = "app=x";
    made.page_size = 100;
    made.streaming_lists = streaming;
    // In proportion as in earnest; a lag of 5 s is none that ends a watch.
    made.times.backoff = {.min = 10ms, .max = 300ms, .factor = 2.0, .jitter = 1.0, .reset_after = 2s};
    made.times.away = made.times.backoff;
    made.times.proven = 150ms;
    made.times.short_watch = 20ms;
    made.times.max_silence = 7s;
    return made;
  }

  bool equals(const Store<Thing>& store, const ListPage& page) const {
    if (store.size() != page.items.size()) return false;
    for (const Json& item : page.items) {
      const auto found = store.find(key_of(item));
      if (!found || found->version != resource_version_of(item)) return false;
    }
    return true;
  }

  void expect_equal(const Store<Thing>& store) {
    ListOptions list;
    list.label_selector = "app=x";
    const auto page = run(client().list(config_maps, ns, list, {}));
    ASSERT_TRUE(page) << page.error().text();
    EXPECT_EQ(page->items.size(), static_cast<std::size_t>(writers * objects_each / 2));
    run_until([&] { return equals(store, *page); }, 45s);
  }
};

TEST_F(KubeFaultsTest, TenThousandChangesThroughEveryFaultLeaveTheStoresEqualToTheServer) {
  test::FaultProxy proxy(loop.executor(), clock, config, test::FaultPlan::of_readers());
  ConnectionOptions through;
  through.user_agent = "follower/0";
  through.timeout = 10s;
  auto through_proxy = Connection::make(loop.executor(), clock, metrics, proxy.config(), through);
  ASSERT_TRUE(through_proxy) << through_proxy.error().message;
  Informer<Thing> listing((*through_proxy)->client(), clock, random, metrics, options(false), {ns}, decode);
  Informer<Thing> streaming((*through_proxy)->client(), clock, random, metrics, options(true), {ns}, decode);
  TaskGroup group(loop.executor());
  group.spawn(proxy.run(group.token()));
  group.spawn(listing.reflectors()[0]->run(group.token()));
  group.spawn(streaming.reflectors()[0]->run(group.token()));

  const auto direct = connect("writers", 30s);
  int done = 0;
  TaskGroup hands(loop.executor());
  for (int i = 0; i < writers; ++i) hands.spawn(write(direct->client(), i, done, hands.token()));
  loop.run_real(hands.join(), 90s);
  EXPECT_EQ(done, writers * objects_each * changes_each);

  // Changes go on until every fault has struck, also those of a fault that hid the ones before it.
  int more = 0;
  const auto all_struck = [&] {
    const test::FaultPlan plan = test::FaultPlan::of_readers();
    const auto struck = [&](Fault fault) { return proxy.count(fault) > 0; };
    return std::all_of(plan.requests.begin(), plan.requests.end(), struck) &&
           std::all_of(plan.events.begin(), plan.events.end(), struck);
  };
  const TimePoint enough = std::chrono::steady_clock::now() + 45s;
  while (!all_struck() && std::chrono::steady_clock::now() < enough) {
    const ObjectKey key{ns, name_of(more % writers, 1)};
    ASSERT_TRUE(run(direct->client().patch(config_maps, key, data_of(100 + more++), {}, {})));
  }
  EXPECT_TRUE(all_struck());
  proxy.heal();
  expect_equal(listing.store());
  expect_equal(streaming.store());
  for (std::size_t fault = 0; fault < test::fault_count; ++fault)
    RecordProperty("fault_" + std::to_string(fault), proxy.count(static_cast<Fault>(fault)));
  end(group);
}

}  // namespace
}  // namespace live::kube
