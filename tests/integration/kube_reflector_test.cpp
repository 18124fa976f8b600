// SPDX-License-Identifier: Apache-2.0
// A store that follows a real API server, also across its death.
#include <map>

#include "kube/informer.hpp"
#include "kube_fixture.hpp"
#include "support/temp_directory.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;
using resources::config_maps;

struct Thing {
  ObjectMeta meta;
  std::string value;
};

Result<Thing> decode(const Json& object) {
  const Result<ObjectMeta> meta = parse_meta(object);
  if (!meta) return Failure{meta.error()};
  return Thing{*meta, json_string(json_at(object, "/data/value")).value_or("")};
}

// A namespace's ConfigMaps with label app=x, in a store and on the server.
class Followed {
 public:
  Followed(test::ApiAccess& access, const std::string& ns)
      : access_(access),
        ns_(ns),
        connection_(access.connect("follower", 10s)),
        informer_(connection_->client(), access.clock, access.random, access.metrics, options(), {ns},
                  decode),
        group_(access.loop.executor()) {
    group_.spawn(informer_.reflectors()[0]->run(group_.token()));
  }
  ~Followed() { access_.end(group_); }

  const Store<Thing>& store() const { return informer_.store(); }
  void create(const std::string& name, const std::string& app = "x") {
    const Json object = test::config_map(name, {{"value", "0"}}, {{"app", app}});
    const auto made = access_.run(access_.client().create(config_maps, ns_, object, {}, {}));
    ASSERT_TRUE(made) << made.error().text();
  }
  void change(const std::string& name, const Json& patch) {
    const auto made = access_.run(access_.client().patch(config_maps, {ns_, name}, patch, {}, {}));
    ASSERT_TRUE(made) << made.error().text();
  }
  void remove(const std::string& name) {
    ASSERT_TRUE(access_.run(access_.client().remove(config_maps, {ns_, name}, {}, {})));
  }
  // Until the store holds what the server has now.
  void expect_equal(Duration limit = 20s) {
    ListOptions list;
    list.label_selector = "app=x";
    const auto page = access_.run(access_.client().list(config_maps, ns_, list, {}));
    ASSERT_TRUE(page) << page.error().text();
    access_.run_until([&] { return equals(*page); }, limit);
  }
  bool has_counted(const std::string& line) const {
    return access_.metrics.text().find(line) != std::string::npos;
  }

 private:
  static ReflectorOptions options() {
    ReflectorOptions made;
    made.resource = config_maps;
    made.label_selector = "app=x";
    made.page_size = 10;
    return made;
  }
  bool equals(const ListPage& page) const {
    if (!store().synced() || store().size() != page.items.size()) return false;
    for (const Json& item : page.items) {
      const auto found = store().find(key_of(item));
      if (!found || found->meta.resource_version != resource_version_of(item)) return false;
    }
    return true;
  }

  test::ApiAccess& access_;
  std::string ns_;
  std::unique_ptr<Connection> connection_;
  Informer<Thing> informer_;
  TaskGroup group_;
};

struct KubeReflectorTest : test::KubeTest {};

TEST_F(KubeReflectorTest, FollowsWhatHappens) {
  Followed followed(*this, ns);
  for (int i = 0; i < 25; ++i) followed.create("early-" + std::to_string(i));
  followed.expect_equal();
  followed.create("late");
  followed.create("foreign", "y");
  followed.change("early-3", {{"data", {{"value", "changed"}}}});
  followed.remove("early-4");
  followed.expect_equal();
  EXPECT_EQ(followed.store().find({ns, "early-3"})->value, "changed");
  EXPECT_EQ(followed.store().find({ns, "foreign"}), nullptr);
  // An object that leaves the selector is gone for us, and one that enters it is new.
  followed.change("late", {{"metadata", {{"labels", {{"app", "y"}}}}}});
  followed.change("foreign", {{"metadata", {{"labels", {{"app", "x"}}}}}});
  followed.expect_equal();
  EXPECT_EQ(followed.store().find({ns, "late"}), nullptr);
  EXPECT_NE(followed.store().find({ns, "foreign"}), nullptr);
  EXPECT_EQ(followed.store().size(), 25u);
  EXPECT_TRUE(
      followed.has_counted("reflector_lists_total{namespace=\"" + ns + "\",resource=\"configmaps\"} 1"));
}

TEST_F(KubeReflectorTest, ListsManyInPages) {
  for (int i = 0; i < 35; ++i) {
    const Json object = test::config_map("n-" + std::to_string(i), Json::object(), {{"app", "x"}});
    ASSERT_TRUE(run(client().create(config_maps, ns, object, {}, {})));
  }
  Followed followed(*this, ns);
  followed.expect_equal();
  EXPECT_EQ(followed.store().size(), 35u);
  EXPECT_TRUE(
      followed.has_counted("reflector_lists_total{namespace=\"" + ns + "\",resource=\"configmaps\"} 1"));
}

TEST(KubeOutageTest, AKilledServerIsFollowedAgainAndNothingIsMissed) {
  test::OwnCluster cluster;
  test::ApiAccess access(cluster.kubeconfig());
  const std::string ns = access.make_namespace();
  {
    Followed followed(access, ns);
    for (int i = 0; i < 10; ++i) followed.create("cm-" + std::to_string(i));
    followed.expect_equal();
    for (int round = 0; round < 2; ++round) {
      // A write elsewhere: the restarted server begins after it, so the version that we know is expired.
      const Json elsewhere = test::config_map("elsewhere-" + std::to_string(round));
      ASSERT_TRUE(access.run(access.client().create(config_maps, "default", elsewhere, {}, {})));
      cluster.run("api kill");
      // The loop runs meanwhile: connections are refused and waits grow.
      const TimePoint until = access.clock.now() + 3s;
      access.run_until([&] { return access.clock.now() >= until; });
      cluster.run("api start");
      followed.remove("cm-" + std::to_string(round));
      followed.create("new-" + std::to_string(round));
      followed.change("cm-5", {{"data", {{"value", std::to_string(round + 1)}}}});
      followed.expect_equal(60s);
    }
    followed.create("after");
    followed.expect_equal();
    // A restart costs a list at most: none where the last bookmark was as new as the server.
    const std::string lists = "reflector_lists_total{namespace=\"" + ns + "\",resource=\"configmaps\"} ";
    EXPECT_TRUE(followed.has_counted(lists + "2") || followed.has_counted(lists + "3"));
  }
}

TEST(KubeOutageTest, AVersionFromBeforeARestartIsExpiredInsideTheStream) {
  test::OwnCluster cluster;
  test::ApiAccess access(cluster.kubeconfig());
  const auto page = access.run(access.client().list(config_maps, "default", {}, {}));
  ASSERT_TRUE(page);
  const std::string ns = access.make_namespace();
  cluster.run("api kill");
  cluster.run("api start");
  WatchOptions options;
  options.resource_version = page->resource_version;
  options.timeout = 5s;
  const auto body = access.run(access.client().watch(config_maps, "default", options, {}));
  ASSERT_TRUE(body) << body.error().text();
  const std::vector<WatchEvent> events = access.read_events(**body);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, WatchEventType::error);
  EXPECT_TRUE(api_error_of(events[0].object).is_gone());
}

TEST(KubeOutageTest, ATokenThatIsRefusedIsReadAgainFromItsFile) {
  test::OwnCluster cluster;
  test::ApiAccess access(cluster.kubeconfig());
  const Json account{{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", {{"name", "robot"}}}};
  ASSERT_TRUE(access.run(access.client().create(resources::service_accounts, "default", account, {}, {})));
  std::string token = cluster.run("kubectl -- create token robot");
  test::TempDirectory directory;
  ClusterConfig config = access.config;
  config.certificate = {};
  config.key = {};
  config.token_file = directory.write("token", "not-a-token");
  const auto made =
      Connection::make(access.loop.executor(), access.clock, access.metrics, config, {"robot/0"});
  ASSERT_TRUE(made);
  Client& robot = (*made)->client();
  EXPECT_TRUE(access.run(robot.list(config_maps, "default", {}, {})).error().is_unauthorized());
  directory.write("token", token);
  // Known by the server now; what it may do is another question.
  const auto known = access.run(robot.list(config_maps, "default", {}, {}));
  ASSERT_FALSE(known);
  EXPECT_TRUE(known.error().is_forbidden()) << known.error().text();
  EXPECT_NE(known.error().message.find("system:serviceaccount:default:robot"), std::string::npos);
}

}  // namespace
}  // namespace live::kube
