// SPDX-License-Identifier: Apache-2.0
#include "kube/request.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::kube {
namespace {

const Resource live_rooms{"liveroom.dev", "v1alpha1", "liverooms", "LiveRoom"};

TEST(ResourcePath, CoversCoreGroupsNamespacesAndSubresources) {
  EXPECT_EQ(resource_path(resources::pods, {"rooms", "a"}), "/api/v1/namespaces/rooms/pods/a");
  EXPECT_EQ(resource_path(resources::pods, {"", ""}), "/api/v1/pods");
  EXPECT_EQ(resource_path(live_rooms, {"rooms", "a"}, "status"),
            "/apis/liveroom.dev/v1alpha1/namespaces/rooms/liverooms/a/status");
  EXPECT_EQ(resource_path(resources::namespaces, {"", "rooms"}), "/api/v1/namespaces/rooms");
  // Names of RBAC objects may hold more than DNS labels do.
  EXPECT_EQ(resource_path(resources::role_bindings, {"rooms", "a:b/../c"}),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/rooms/rolebindings/a%3Ab%2F..%2Fc");
}

TEST(Requests, GetAsksForJson) {
  const net::HttpRequest request = get_request(resources::pods, {"rooms", "a"});
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url.target, "/api/v1/namespaces/rooms/pods/a");
  EXPECT_EQ(request.headers.get("Accept"), "application/json");
  EXPECT_TRUE(request.body.empty());
}

TEST(Requests, ListPagesAndSelects) {
  ListOptions options;
  options.label_selector = "app=x,env in (a, b)";
  options.limit = 100;
  options.resource_version = "0";
  EXPECT_EQ(list_request(resources::pods, "rooms", options).url.target,
            "/api/v1/namespaces/rooms/pods?labelSelector=app%3Dx%2Cenv%20in%20%28a%2C%20b%29&limit=100"
            "&resourceVersion=0");
  options = {};
  options.continue_token = "to/ken=";
  options.resource_version = "5";
  EXPECT_EQ(list_request(resources::pods, "", options).url.target, "/api/v1/pods?continue=to%2Fken%3D");
  EXPECT_EQ(list_request(resources::pods, "", {}).url.target, "/api/v1/pods");
}

TEST(Requests, WatchAsksForBookmarksAndAnEnd) {
  WatchOptions options;
  options.resource_version = "42";
  options.timeout = std::chrono::seconds(333);
  options.field_selector = "spec.suspend=true";
  EXPECT_EQ(watch_request(live_rooms, "", options).url.target,
            "/apis/liveroom.dev/v1alpha1/liverooms?watch=1&allowWatchBookmarks=true"
            "&fieldSelector=spec.suspend%3Dtrue&resourceVersion=42&timeoutSeconds=333");
}

TEST(Requests, ApplyIsYamlByNameAndRawUtf8) {
  PatchOptions options;
  options.type = PatchType::apply;
  options.subresource = "status";
  options.field_manager = "liveroom-recorder";
  options.force = true;
  const net::HttpRequest request =
      patch_request(live_rooms, {"rooms", "a"}, Json{{"title", "直播😀"}}, options);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.url.target,
            "/apis/liveroom.dev/v1alpha1/namespaces/rooms/liverooms/a/status?fieldManager=liveroom-recorder"
            "&force=true");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/apply-patch+yaml");
  EXPECT_EQ(request.body, R"({"title":"直播😀"})");
}

TEST(Requests, PatchTypesHaveTheirContentTypesAndForceIsForApplyAlone) {
  const struct {
    PatchType type;
    const char* content_type;
  } cases[] = {{PatchType::merge, "application/merge-patch+json"},
               {PatchType::strategic, "application/strategic-merge-patch+json"},
               {PatchType::json, "application/json-patch+json"}};
  for (const auto& c : cases) {
    PatchOptions options;
    options.type = c.type;
    options.force = true;
    const net::HttpRequest request = patch_request(resources::pods, {"rooms", "a"}, Json::object(), options);
    EXPECT_EQ(request.headers.get("Content-Type"), c.content_type);
    EXPECT_EQ(request.url.target, "/api/v1/namespaces/rooms/pods/a");
  }
}

TEST(Requests, CreateAndReplaceNameTheirManagerAndStrictness) {
  WriteOptions options;
  options.field_manager = "m";
  options.validation = FieldValidation::strict;
  const net::HttpRequest create = create_request(resources::pods, "rooms", R"({"kind":"Pod"})", options);
  EXPECT_EQ(create.method, "POST");
  EXPECT_EQ(create.url.target, "/api/v1/namespaces/rooms/pods?fieldManager=m&fieldValidation=Strict");
  EXPECT_EQ(create.body, R"({"kind":"Pod"})");
  options.dry_run = true;
  EXPECT_EQ(create_request(resources::pods, "rooms", "{}", options).url.target,
            "/api/v1/namespaces/rooms/pods?fieldManager=m&fieldValidation=Strict&dryRun=All");
  options.subresource = "status";
  const net::HttpRequest replace = replace_request(resources::pods, {"rooms", "a"}, Json::object(), options);
  EXPECT_EQ(replace.method, "PUT");
  EXPECT_EQ(replace.url.target,
            "/api/v1/namespaces/rooms/pods/a/status?fieldManager=m&fieldValidation=Strict");
}

TEST(Requests, DeleteCarriesPreconditions) {
  EXPECT_TRUE(delete_request(resources::pods, {"rooms", "a"}, {}).body.empty());
  DeleteOptions options;
  options.uid = "u-1";
  options.resource_version = "5";
  options.grace_seconds = 30;
  options.propagation = Propagation::background;
  const net::HttpRequest request = delete_request(resources::pods, {"rooms", "a"}, options);
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(parse_json(request.body),
            parse_json(R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":30,
                           "preconditions":{"uid":"u-1","resourceVersion":"5"},"propagationPolicy":"Background"})"));
}

}  // namespace
}  // namespace live::kube
