// SPDX-License-Identifier: Apache-2.0
#include "kube/object.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::kube {
namespace {

TEST(ObjectMeta, ReadsWhatAPodHas) {
  const Json pod =
      parse_json(R"({"kind":"Pod","metadata":{"name":"a-recorder","namespace":"rooms","uid":"u-1",
    "resourceVersion":"77","generation":3,"creationTimestamp":"2026-11-25T00:38:20Z",
    "deletionTimestamp":"2026-11-25T01:00:00Z","labels":{"app":"x"},"annotations":{"liveroom.dev/config":"{}"},
    "finalizers":["a/b"],"ownerReferences":[
      {"apiVersion":"v1","kind":"Other","name":"o","uid":"u-2"},
      {"apiVersion":"liveroom.dev/v1alpha1","kind":"LiveRoom","name":"a","uid":"u-3","controller":true,
       "blockOwnerDeletion":true}]}})");
  const Result<ObjectMeta> meta = parse_meta(pod);
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->key, (ObjectKey{"rooms", "a-recorder"}));
  EXPECT_EQ(meta->key.text(), "rooms/a-recorder");
  EXPECT_EQ(meta->uid, "u-1");
  EXPECT_EQ(meta->resource_version, "77");
  EXPECT_EQ(meta->generation, 3);
  EXPECT_EQ(meta->created, parse_rfc3339("2026-11-25T00:38:20Z"));
  EXPECT_TRUE(meta->terminating());
  EXPECT_EQ(meta->label("app"), "x");
  EXPECT_EQ(meta->label("none"), "");
  EXPECT_EQ(meta->annotation("liveroom.dev/config"), "{}");
  ASSERT_NE(meta->controller(), nullptr);
  EXPECT_EQ(meta->controller()->uid, "u-3");
  EXPECT_TRUE(meta->controller()->block_owner_deletion);
  EXPECT_EQ(meta->finalizers, std::vector<std::string>{"a/b"});
  EXPECT_EQ(owner_reference_json(*meta->controller()), pod["metadata"]["ownerReferences"][1]);
}

TEST(ObjectMeta, NeedsANameAndTakesWrongTypesAsAbsent) {
  EXPECT_FALSE(parse_meta(Json::object()));
  EXPECT_FALSE(parse_meta(Json("text")));
  EXPECT_FALSE(parse_meta(parse_json(R"({"metadata":{"name":7}})")));
  const Result<ObjectMeta> meta = parse_meta(parse_json(
      R"({"metadata":{"name":"a","labels":[1],"annotations":{"k":5},"ownerReferences":[3],"finalizers":{},
          "deletionTimestamp":"soon","generation":"x"}})"));
  ASSERT_TRUE(meta);
  EXPECT_TRUE(meta->labels.empty());
  EXPECT_TRUE(meta->annotations.empty());
  EXPECT_TRUE(meta->owners.empty());
  EXPECT_FALSE(meta->terminating());
  EXPECT_EQ(meta->controller(), nullptr);
}

TEST(ResourceVersion, ComparesAsANumberOfAnySize) {
  using std::partial_ordering;
  const struct {
    const char* a;
    const char* b;
    partial_ordering order;
  } cases[] = {
      {"9", "10", partial_ordering::less},
      {"10", "10", partial_ordering::equivalent},
      {"007", "7", partial_ordering::equivalent},
      {"0", "0", partial_ordering::equivalent},
      {"340282366920938463463374607431768211455", "99", partial_ordering::greater},
      {"", "1", partial_ordering::unordered},
      {"abc", "1", partial_ordering::unordered},
  };
  for (const auto& c : cases) EXPECT_EQ(compare_resource_versions(c.a, c.b), c.order) << c.a << " " << c.b;
}

}  // namespace
}  // namespace live::kube
