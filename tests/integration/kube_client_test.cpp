// SPDX-License-Identifier: Apache-2.0
// What the real API server answers to each kind of request.
#include <boost/asio/error.hpp>
#include <set>

#include "kube/renewing_http.hpp"
#include "kube_fixture.hpp"
#include "support/temp_directory.hpp"
#include "support/test_certificates.hpp"

namespace live::kube {
namespace {
using namespace std::chrono_literals;
using resources::config_maps;

struct KubeClientTest : test::KubeTest {
  Json create(const std::string& name, const Json& data = Json::object(),
              const Json& labels = Json::object()) {
    const auto made = run(client().create(config_maps, ns, test::config_map(name, data, labels), {}, {}));
    if (!made) throw std::runtime_error(made.error().text());
    return *made;
  }
  ApiResult<Json> get(const std::string& name) { return run(client().get(config_maps, {ns, name}, {})); }
  ApiResult<Json> apply(const std::string& name, const std::string& manager, const Json& data, bool force) {
    PatchOptions options;
    options.type = PatchType::apply;
    options.field_manager = manager;
    options.force = force;
    // The name is in the URL too, but an apply that creates wants it in the body.
    const Json patch{
        {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}, {"data", data}};
    return run(client().patch(config_maps, {ns, name}, patch, options, {}));
  }
};

TEST_F(KubeClientTest, AnObjectIsCreatedReadChangedAndDeleted) {
  const Json made = create("a", {{"key", "value"}});
  const Result<ObjectMeta> meta = parse_meta(made);
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->key, (ObjectKey{ns, "a"}));
  EXPECT_FALSE(meta->uid.empty());

  ApiResult<Json> read = get("a");
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["data"]["key"], "value");

  const Json patch{{"data", {{"key", nullptr}, {"other", "直播😀"}}}};
  const auto patched = run(client().patch(config_maps, {ns, "a"}, patch, {}, {}));
  ASSERT_TRUE(patched);
  EXPECT_EQ((*patched)["data"], (Json{{"other", "直播😀"}}));

  Json replaced = *patched;
  replaced["data"] = {{"whole", "new"}};
  ASSERT_TRUE(run(client().replace(config_maps, {ns, "a"}, replaced, {}, {})));
  const auto stale = run(client().replace(config_maps, {ns, "a"}, replaced, {}, {}));
  ASSERT_FALSE(stale);
  EXPECT_TRUE(stale.error().is_conflict());

  ASSERT_TRUE(run(client().remove(config_maps, {ns, "a"}, {}, {})));
  EXPECT_TRUE(get("a").error().is_not_found());
  EXPECT_TRUE(run(client().remove(config_maps, {ns, "a"}, {}, {})).error().is_not_found());
}

TEST_F(KubeClientTest, RefusalsAreTellable) {
  create("a");
  const auto again = run(client().create(config_maps, ns, test::config_map("a"), {}, {}));
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is_already_exists());
  EXPECT_FALSE(again.error().is_being_deleted());
  EXPECT_FALSE(again.error().is_conflict());

  const auto invalid = run(client().create(config_maps, ns, test::config_map("Not A Name"), {}, {}));
  ASSERT_FALSE(invalid);
  EXPECT_TRUE(invalid.error().is_invalid());
  ASSERT_FALSE(invalid.error().causes.empty());
  EXPECT_EQ(invalid.error().causes[0].field, "metadata.name");

  Json typo = test::config_map("b");
  typo["dta"] = Json::object();
  WriteOptions strict;
  strict.validation = FieldValidation::strict;
  const auto unknown = run(client().create(config_maps, ns, typo, strict, {}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, 400);
  EXPECT_NE(unknown.error().message.find("unknown field \"dta\""), std::string::npos);

  const Resource nothing{"none.example", "v1", "things", "Thing"};
  EXPECT_TRUE(run(client().get(nothing, {ns, "a"}, {})).error().is_not_found());
}

TEST_F(KubeClientTest, DeletesHavePreconditions) {
  const Result<ObjectMeta> meta = parse_meta(create("a"));
  DeleteOptions options;
  options.uid = "00000000-0000-0000-0000-000000000000";
  EXPECT_TRUE(run(client().remove(config_maps, {ns, "a"}, options, {})).error().is_conflict());
  options.uid = meta->uid;
  options.resource_version = "1";
  EXPECT_TRUE(run(client().remove(config_maps, {ns, "a"}, options, {})).error().is_conflict());
  options.resource_version = meta->resource_version;
  EXPECT_TRUE(run(client().remove(config_maps, {ns, "a"}, options, {})));
}

TEST_F(KubeClientTest, ATakenNameOnItsWayOutIsTellable) {
  Json held = test::config_map("a");
  held["metadata"]["finalizers"] = {"test.example/hold"};
  ASSERT_TRUE(run(client().create(config_maps, ns, held, {}, {})));
  ASSERT_TRUE(run(client().remove(config_maps, {ns, "a"}, {}, {})));
  const auto again = run(client().create(config_maps, ns, test::config_map("a"), {}, {}));
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is_being_deleted()) << again.error().text();
  EXPECT_TRUE(parse_meta(*get("a"))->terminating());
  const Json release{{"metadata", {{"finalizers", nullptr}}}};
  EXPECT_TRUE(run(client().patch(config_maps, {ns, "a"}, release, {}, {})));
}

TEST_F(KubeClientTest, ANamespaceOnItsWayOutTakesNothingNew) {
  const std::string going = make_namespace();
  ASSERT_TRUE(run(client().remove(resources::namespaces, {"", going}, {}, {})));
  const auto refused = run(client().create(config_maps, going, test::config_map("a"), {}, {}));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is_namespace_terminating()) << refused.error().text();
}

TEST_F(KubeClientTest, TwoManagersApplyToOneObject) {
  ASSERT_TRUE(apply("a", "one", {{"mine", "1"}, {"title", "../x/\n直播😀"}}, false));
  ASSERT_TRUE(apply("a", "two", {{"yours", "2"}}, false));
  const ApiResult<Json> both = get("a");
  EXPECT_EQ((*both)["data"], (Json{{"mine", "1"}, {"title", "../x/\n直播😀"}, {"yours", "2"}}));

  const auto same = apply("a", "two", {{"yours", "2"}}, false);
  EXPECT_EQ(resource_version_of(*same), resource_version_of(*both));

  const auto conflict = apply("a", "two", {{"mine", "other"}, {"yours", "2"}}, false);
  ASSERT_FALSE(conflict);
  EXPECT_TRUE(conflict.error().is_conflict());
  EXPECT_TRUE(conflict.error().has_cause("FieldManagerConflict"));
  const auto forced = apply("a", "two", {{"mine", "other"}, {"yours", "2"}}, true);
  ASSERT_TRUE(forced);
  EXPECT_EQ((*forced)["data"]["mine"], "other");
  // What a manager leaves out is deleted.
  const auto less = apply("a", "two", {{"yours", "2"}}, true);
  EXPECT_FALSE((*less)["data"].contains("mine"));
}

TEST_F(KubeClientTest, ListsComeInPagesAndWithoutManagedFields) {
  std::set<std::string> names;
  for (int i = 0; i < 25; ++i) {
    const std::string name = "cm-" + std::to_string(i);
    create(name, Json::object(), {{"app", i % 5 == 0 ? "other" : "x"}});
    if (i % 5 != 0) names.insert(name);
  }
  ListOptions options;
  options.label_selector = "app=x";
  options.limit = 7;
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = run(client().list(config_maps, ns, options, {}));
    ASSERT_TRUE(page) << page.error().text();
    EXPECT_LE(page->items.size(), 7u);
    for (const Json& item : page->items) {
      seen.insert(key_of(item).name);
      EXPECT_EQ(item["kind"], "ConfigMap");
      EXPECT_FALSE(item["metadata"].contains("managedFields"));
    }
    options.continue_token = page->continue_token;
    ++pages;
  } while (!options.continue_token.empty());
  EXPECT_EQ(seen, names);
  EXPECT_EQ(pages, 3);

  options.continue_token = "broken";
  EXPECT_EQ(run(client().list(config_maps, ns, options, {})).error().code, 400);
  const auto everywhere = run(client().list(config_maps, "", {}, {}));
  ASSERT_TRUE(everywhere);
  EXPECT_GE(everywhere->items.size(), 25u);
}

TEST_F(KubeClientTest, AWatchDeliversChangesInOrder) {
  const auto page = run(client().list(config_maps, ns, {}, {}));
  WatchOptions options;
  options.resource_version = page->resource_version;
  options.timeout = 3s;
  const auto body = run(client().watch(config_maps, ns, options, {}));
  ASSERT_TRUE(body) << body.error().text();
  create("a", {{"title", "直播😀"}});
  const Json patch{{"data", {{"title", "other"}}}};
  ASSERT_TRUE(run(client().patch(config_maps, {ns, "a"}, patch, {}, {})));
  ASSERT_TRUE(run(client().remove(config_maps, {ns, "a"}, {}, {})));
  const std::vector<WatchEvent> events = read_events(**body);
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events[0].type, WatchEventType::added);
  EXPECT_EQ(events[0].object["data"]["title"], "直播😀");
  EXPECT_EQ(events[1].type, WatchEventType::modified);
  EXPECT_EQ(events[2].type, WatchEventType::deleted);
  // The server ends the stream at its timeout, with a bookmark before it.
  EXPECT_EQ(events.back().type, WatchEventType::bookmark);
}

TEST_F(KubeClientTest, ASilentWatchTimesOut) {
  const auto page = run(client().list(config_maps, ns, {}, {}));
  WatchOptions options;
  options.resource_version = page->resource_version;
  options.idle = 1s;
  const auto body = run(client().watch(config_maps, ns, options, {}));
  ASSERT_TRUE(body);
  std::vector<std::uint8_t> buffer(100);
  try {
    run((*body)->read_some(buffer, {}));
    FAIL() << "a byte came";
  } catch (const system_error& error) {
    EXPECT_EQ(error.code(), asio::error::timed_out) << error.what();
  }
}

TEST_F(KubeClientTest, AuthoritiesAreReadAgainFromTheirFileAndBadOnesKeepTheOld) {
  test::TempDirectory directory;
  const std::string right = config.authority.load().value();
  ClusterConfig from_file = config;
  from_file.authority = {directory.write("ca.crt", right), ""};
  // Only the age of the files is measured with this clock; the connections have their own.
  auto made = Connection::make(loop.executor(), loop.clock, metrics, from_file, {"renewing/0"});
  ASSERT_TRUE(made) << made.error().message;
  const auto works = [&] {
    try {
      return static_cast<bool>(run((*made)->client().list(config_maps, ns, {}, {})));
    } catch (const system_error&) {
      return false;
    }
  };
  EXPECT_TRUE(works());
  directory.write("ca.crt", "no certificate");
  loop.clock.set(loop.clock.now() + RenewingHttp::max_age);
  EXPECT_TRUE(works());
  directory.write("ca.crt", test::TestAuthority().certificate_pem());
  EXPECT_TRUE(works());
  loop.clock.set(loop.clock.now() + RenewingHttp::max_age);
  EXPECT_FALSE(works());
  directory.write("ca.crt", right);
  loop.clock.set(loop.clock.now() + RenewingHttp::max_age);
  EXPECT_TRUE(works());
}

TEST_F(KubeClientTest, AFutureVersionIsTooLarge) {
  ListOptions list;
  list.resource_version = "9000000000";
  const auto future = run(client().list(config_maps, ns, list, {}));
  ASSERT_FALSE(future);
  EXPECT_TRUE(future.error().is_version_too_large()) << future.error().text();
  EXPECT_EQ(future.error().retry_after, 1s);
}

}  // namespace
}  // namespace live::kube
