// SPDX-License-Identifier: Apache-2.0
#include "controller/pod_spec.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "controller/template_hash.hpp"
#include "golden.hpp"
#include "liveroom/names.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

Json pod_of(const LiveRoom& room, const Settings& settings = test::make_settings()) {
  return make_pod(room, settings,
                  make_recorder_config(room.key.ns, room.key.name, room.uid, room.generation, room.spec));
}

LiveRoom room_with_template(std::string_view pod_template) {
  LiveRoom room = test::make_room();
  room.spec.pod_template = normalized_pod_template(pod_template);
  return room;
}

const Json* variable(const Json& pod, std::string_view name) {
  for (const Json& item : pod["spec"]["containers"][0]["env"])
    if (item["name"] == name) return &item;
  return nullptr;
}

TEST(MakePod, OfARoomThatSaysNothing) { test::expect_golden(pod_of(test::make_room()), "pod_default.json"); }

TEST(MakePod, OfARoomThatSaysEverything) {
  LiveRoom room = room_with_template(R"({
    "metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}},
    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}}, "topologySpreadConstraints": [{"maxSkew": 1}],
    "priorityClassName": "high", "env": [{"name": "TZ", "value": "UTC"}],
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["live.example"]}],
    "dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}, "imagePullSecrets": [{"name": "pull"}],
    "volumes": [{"name": "ca", "configMap": {"name": "ca"}}, {"name": "scratch", "emptyDir": {}}],
    "volumeMounts": [{"name": "ca", "mountPath": "/etc/ssl/extra", "readOnly": true}],
    "terminationGracePeriodSeconds": 120,
    "securityContext": {"runAsUser": 1000, "runAsGroup": 1001, "fsGroup": 1002, "supplementalGroups": [5],
                        "fsGroupChangePolicy": "Always"}})");
  room.spec.storage.claim_name = "shared";
  room.spec.credentials_secret = "cookie";
  room.spec.notifications = {
      {.name = "one", .url = "http://x", .secret_name = "s1"},
      {.name = "two", .url = "http://y"},
      {.name = "three", .url = "http://z", .secret_name = "s1", .secret_key = "other"}};
  Settings settings = test::make_settings();
  settings.recorder_env = {{"LIVEROOM_LIVE_API", "https://proxy"}};
  test::expect_golden(pod_of(room, settings), "pod_full.json");
}

TEST(MakePod, ResourcesOfAllRecordersAndOfOne) {
  Settings settings = test::make_settings();
  settings.recorder_resources = R"({"requests":{"cpu":"1"}})";
  EXPECT_EQ(pod_of(test::make_room(), settings)["spec"]["containers"][0]["resources"],
            Json({{"requests", {{"cpu", "1"}}}}));
  const LiveRoom own = room_with_template(R"({"resources": {"requests": {"cpu": "2"}}})");
  EXPECT_EQ(pod_of(own, settings)["spec"]["containers"][0]["resources"],
            Json({{"requests", {{"cpu", "2"}}}}));
  // A new pod when idle, but not because of an update of the operator.
  EXPECT_NE(template_hash(own.spec, settings), template_hash(own.spec, test::make_settings()));
}

TEST(MakePod, WhatTheOperatorNeedsWins) {
  const LiveRoom room = room_with_template(R"({
    "metadata": {"labels": {"liveroom.dev/room": "x", "app.kubernetes.io/managed-by": "x"},
                 "annotations": {"liveroom.dev/config": "{}", "liveroom.dev/template-hash": "x"}},
    "env": [{"name": "LIVEROOM_OUTPUT", "value": "/tmp"}, {"name": "LIVEROOM_POD_UID", "value": "x"}],
    "volumes": [{"name": "config", "emptyDir": {}}, {"name": "recordings", "emptyDir": {}}],
    "volumeMounts": [{"name": "x", "mountPath": "/recordings"}, {"name": "x", "mountPath": "/etc/liveroom"}],
    "securityContext": {"runAsNonRoot": false, "seccompProfile": {"type": "Unconfined"}},
    "serviceAccountName": "admin", "hostNetwork": true, "containers": []})");
  const Json pod = pod_of(room);
  const Json by_default = pod_of(test::make_room());
  EXPECT_EQ(pod["metadata"]["labels"], by_default["metadata"]["labels"]);
  EXPECT_EQ(pod["metadata"]["annotations"]["liveroom.dev/config"],
            by_default["metadata"]["annotations"]["liveroom.dev/config"]);
  EXPECT_EQ(pod["spec"], by_default["spec"]);
}

TEST(MakePod, TheRoomsVariablesWinOverThoseOfAllPods) {
  Settings settings = test::make_settings();
  settings.recorder_env = {{"LIVEROOM_LIVE_API", "https://all"}, {"LIVEROOM_LISTEN", "[::]:8080"}};
  const Json pod = pod_of(
      room_with_template(R"({"env": [{"name": "LIVEROOM_LIVE_API", "value": "https://one"}]})"), settings);
  EXPECT_EQ((*variable(pod, "LIVEROOM_LIVE_API"))["value"], "https://one");
  EXPECT_EQ((*variable(pod, "LIVEROOM_LISTEN"))["value"], "[::]:8080");
  EXPECT_EQ(variable(pod, "LIVEROOM_COOKIE_FILE"), nullptr);
}

TEST(MakePod, TolerationsAreAddedUnlessTheTemplateCoversThem) {
  const auto tolerations = [](std::string_view list) {
    return pod_of(room_with_template(std::string(R"({"tolerations": )") + std::string(list) +
                                     "}"))["spec"]["tolerations"]
        .size();
  };
  EXPECT_EQ(tolerations(R"([{"key": "a", "operator": "Exists"}])"), 3U);
  EXPECT_EQ(tolerations(R"([{"operator": "Exists"}])"), 1U);
  EXPECT_EQ(
      tolerations(
          R"([{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}])"),
      2U);
  EXPECT_EQ(tolerations(R"([{"operator": "Exists", "effect": "NoSchedule"}])"), 3U);
}

TEST(TemplateHash, DependsOnWhatNeedsANewPod) {
  const Settings settings = test::make_settings();
  const LiveRoom plain = test::make_room();
  const std::string before = template_hash(plain.spec, settings);
  // A value that changes here restarts every idle pod at the next upgrade: raise the revision on purpose
  // only.
  EXPECT_EQ(before, "141b0eaaf2ff5541");
  const auto changed = [&](const std::function<void(LiveRoomSpec&)>& change) {
    LiveRoomSpec spec = plain.spec;
    change(spec);
    return template_hash(spec, settings) != before;
  };
  EXPECT_TRUE(changed([](auto& spec) { spec.storage.claim_name = "x"; }));
  EXPECT_TRUE(changed([](auto& spec) { spec.pod_template = R"({"nodeSelector":{"a":"b"}})"; }));
  EXPECT_TRUE(changed([](auto& spec) { spec.credentials_secret = "x"; }));
  EXPECT_TRUE(
      changed([](auto& spec) { spec.notifications = {{.name = "n", .url = "u", .secret_name = "s"}}; }));
  EXPECT_FALSE(changed([](auto& spec) { spec.notifications = {{.name = "n", .url = "u"}}; }));
  EXPECT_FALSE(changed([](auto& spec) { spec.transport.poll_interval_seconds = 60; }));
  EXPECT_FALSE(changed([](auto& spec) { spec.storage.volume_claim_template = "{}"; }));
  EXPECT_FALSE(changed([](auto& spec) { spec.update_policy = UpdatePolicy::never; }));
  Settings other = settings;
  other.recorder_image = "liveroom:2";
  other.default_storage = "{}";
  EXPECT_EQ(template_hash(plain.spec, other), before);
  other.recorder_env = {{"A", "b"}};
  EXPECT_NE(template_hash(plain.spec, other), before);
}

TEST(NormalizedPodTemplate, SaysNothingWhereTheSchemaSaysNothing) {
  EXPECT_EQ(normalized_pod_template(""), "");
  EXPECT_EQ(normalized_pod_template("{}"), "");
  EXPECT_EQ(
      normalized_pod_template(
          R"({"metadata": {"labels": {}, "annotations": {}}, "resources": {"requests": {}, "limits": {}},
    "nodeSelector": {}, "tolerations": [], "env": [], "terminationGracePeriodSeconds": 90,
    "securityContext": {"supplementalGroups": [], "fsGroupChangePolicy": "OnRootMismatch"}})"),
      "");
  EXPECT_EQ(normalized_pod_template(R"({"volumes": [{"name": "a", "emptyDir": {}}], "env": []})"),
            R"({"volumes":[{"emptyDir":{},"name":"a"}]})");
}

}  // namespace
}  // namespace live::controller
