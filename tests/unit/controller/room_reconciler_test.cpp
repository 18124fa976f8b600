// SPDX-License-Identifier: Apache-2.0
#include "controller/room_reconciler.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "controller/namespace_reconciler.hpp"
#include "fake_cluster.hpp"
#include "objects.hpp"
#include "support/loop.hpp"

namespace live::controller {
namespace {
using namespace liveroom;
using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

const kube::ObjectKey room_key{"rooms", "a"};
const kube::ObjectKey pod_key{"rooms", "a-recorder"};
const kube::ObjectKey claim_key{"rooms", "a-recordings"};

class RoomReconcilerTest : public ::testing::Test {
 protected:
  RoomReconcilerTest() {
    cluster_.watch_with(live_rooms, rooms_.scope(""));
    cluster_.watch_with(kube::resources::pods, pods_.scope(""));
    cluster_.watch_with(kube::resources::claims, claims_.scope(""));
    rooms_.on_change([this](const kube::Store<LiveRoom>::Change& change) {
      index_.update(change.key, change.after.get());
    });
  }

  kube::Action reconcile() { return loop_.run(reconciler_.reconcile(room_key, {})); }
  void add_room(const Json& spec = {{"roomId", 6}}) {
    cluster_.put(live_rooms, {{"metadata", {{"name", "a"}, {"namespace", "rooms"}}}, {"spec", spec}});
  }
  // As the cluster would: the claim is bound, the pod runs and is ready, its recorder has reported.
  void settle() {
    reconcile();
    cluster_.change(kube::resources::claims, claim_key, {{"status", {{"phase", "Bound"}}}});
    cluster_.change(kube::resources::pods, pod_key,
                    parse_json(R"({"status": {"phase": "Running", "conditions": [
                       {"type": "Ready", "status": "True", "lastTransitionTime": "2023-11-14T22:13:25Z"}]}})"));
    Json report = parse_json(R"({"status": {"conditions": [
        {"type": "RoomFound", "status": "True", "reason": "Found"},
        {"type": "Recording", "status": "False", "reason": "NotLive"},
        {"type": "StorageWritable", "status": "True", "reason": "Writable"}], "recorder": {}}})");
    report["status"]["recorder"]["podUID"] =
        (*cluster_.find(kube::resources::pods, pod_key))["metadata"]["uid"];
    cluster_.change(live_rooms, room_key, report);
    reconcile();
    cluster_.forget_calls();
  }
  Calls calls() {
    Calls made = cluster_.calls();
    cluster_.forget_calls();
    return made;
  }
  // "False QuotaExceeded", as the server has it.
  std::string condition(const std::string& type) {
    for (const Json& item : json_at(*cluster_.find(live_rooms, room_key), "/status/conditions"))
      if (item["type"] == type)
        return item["status"].get<std::string>() + " " + item["reason"].get<std::string>();
    return "none";
  }
  void refuse(const std::string& call, kube::ApiError error) {
    cluster_.refuse([call, error](const std::string& made, const Json&) -> std::optional<kube::ApiError> {
      return made == call ? std::optional(error) : std::nullopt;
    });
  }

  live::test::Loop loop_;
  Random random_{7};
  test::FakeCluster cluster_;
  kube::Store<LiveRoom> rooms_{decode_live_room};
  kube::Store<RecorderPod> pods_{decode_recorder_pod};
  kube::Store<RecordingsClaim> claims_{decode_recordings_claim};
  RoomIndex index_;
  Settings settings_ = test::make_settings();
  RoomReconciler reconciler_{cluster_, loop_.clock, random_, rooms_,   pods_,
                             claims_,  index_,      nullptr, settings_};
};

TEST_F(RoomReconcilerTest, ThreeRequestsMakeARoom) {
  add_room();
  const kube::Action action = reconcile();
  EXPECT_EQ(calls(), (Calls{"create persistentvolumeclaims rooms/a-recordings",
                            "create pods rooms/a-recorder", "apply:liveroom-controller liverooms rooms/a"}));
  EXPECT_EQ(action.kind, kube::Action::Kind::await_change);
  EXPECT_EQ(condition("Ready"), "False PodPending");
  EXPECT_EQ(condition("UpToDate"), "True UpToDate");
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(RoomReconcilerTest, AStaleCacheCausesNoWrite) {
  add_room();
  cluster_.hold_back();
  reconcile();
  EXPECT_EQ(calls().size(), 3U);
  for (int i = 0; i < 3; ++i) reconcile();
  EXPECT_EQ(calls(), Calls{});
  cluster_.release();
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

// A watch that breaks, and the list after it is newer than the answer to what was made meanwhile.
TEST_F(RoomReconcilerTest, WhatWentBeforeTheAnswerToItsCreationIsMadeAgain) {
  const std::vector<std::pair<std::string, kube::ObjectKey>> cases = {
      {"create pods rooms/a-recorder", pod_key},
      {"create persistentvolumeclaims rooms/a-recordings", claim_key}};
  for (const auto& [call, key] : cases) {
    SCOPED_TRACE(call);
    const bool is_pod = key == pod_key;
    const kube::Resource& resource = is_pod ? kube::resources::pods : kube::resources::claims;
    add_room();
    bool went = false;
    cluster_.after([&](const std::string& made) {
      if (made != call || std::exchange(went, true)) return;
      cluster_.vanish(resource, key);
      if (is_pod) {
        cluster_.watch_with(resource, pods_.scope(""));
      } else {
        cluster_.watch_with(resource, claims_.scope(""));
      }
    });
    cluster_.hold_back();
    EXPECT_EQ(reconcile().kind, kube::Action::Kind::retry);
    EXPECT_EQ(cluster_.find(resource, key), nullptr);
    cluster_.drop_held();
    reconcile();
    EXPECT_NE(cluster_.find(resource, key), nullptr);
    for (const auto& [kind, name] :
         {std::pair(kube::resources::pods, pod_key), std::pair(kube::resources::claims, claim_key),
          std::pair(live_rooms, room_key)})
      cluster_.vanish(kind, name);
    cluster_.after(nullptr);
    reconcile();
  }
}

TEST_F(RoomReconcilerTest, AnotherLiveRoomOfTheNameStartsAnew) {
  add_room();
  refuse("create pods rooms/a-recorder", test::api_error(403, "Forbidden", "denied"));
  reconcile();
  EXPECT_EQ(condition("Ready"), "False Refused");
  cluster_.refuse(nullptr);
  calls();
  reconcile();
  EXPECT_EQ(calls(), Calls{});  // its time has not come
  // Both come at once, as from a list after a time without a watch.
  cluster_.vanish(live_rooms, room_key);
  add_room();
  reconcile();
  EXPECT_EQ(calls().front(), "create pods rooms/a-recorder");
}

TEST_F(RoomReconcilerTest, APodThatTheServerNoLongerHasIsDeletedOnce) {
  add_room();
  settle();
  cluster_.change(live_rooms, room_key, {{"spec", {{"suspend", true}}}});
  cluster_.hold_back();
  cluster_.vanish(kube::resources::pods, pod_key);
  reconcile();
  EXPECT_EQ(calls().front(), "delete pods rooms/a-recorder");
  for (int i = 0; i < 3; ++i) reconcile();
  for (const std::string& call : calls()) EXPECT_FALSE(call.starts_with("delete")) << call;
}

TEST_F(RoomReconcilerTest, ANewProcessChangesNothing) {
  add_room();
  settle();
  EXPECT_EQ(condition("Ready"), "True Ready");
  RoomReconciler another(cluster_, loop_.clock, random_, rooms_, pods_, claims_, index_, nullptr, settings_);
  loop_.run(another.reconcile(room_key, {}));
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(RoomReconcilerTest, SuspendingTakesThePodAndKeepsTheClaim) {
  add_room();
  settle();
  cluster_.change(live_rooms, room_key, {{"spec", {{"suspend", true}}}});
  cluster_.hold_back();
  reconcile();
  EXPECT_EQ(calls(), (Calls{"delete pods rooms/a-recorder", "apply:liveroom-controller liverooms rooms/a"}));
  EXPECT_EQ(condition("Suspended"), "True Suspended");
  reconcile();  // the deletion is not yet seen
  EXPECT_EQ(calls(), Calls{});
  cluster_.release();
  cluster_.vanish(kube::resources::pods, pod_key);
  reconcile();
  EXPECT_NE(cluster_.find(kube::resources::claims, claim_key), nullptr);
  EXPECT_EQ(condition("Ready"), "False Suspended");
  cluster_.change(live_rooms, room_key, {{"spec", {{"suspend", false}}}});
  cluster_.forget_calls();
  reconcile();
  EXPECT_EQ(calls()[0], "create pods rooms/a-recorder");
}

TEST_F(RoomReconcilerTest, NoSecondPodWhileTheFirstIsEnding) {
  add_room();
  settle();
  cluster_.change(kube::resources::pods, pod_key,
                  {{"metadata", {{"deletionTimestamp", "2030-01-01T00:00:00Z"}}}});
  reconcile();
  EXPECT_EQ(calls(), Calls{"apply:liveroom-controller liverooms rooms/a"});
  EXPECT_EQ(condition("Ready"), "False PodTerminating");
  cluster_.vanish(kube::resources::pods, pod_key);
  reconcile();
  EXPECT_EQ(calls()[0], "create pods rooms/a-recorder");
}

TEST_F(RoomReconcilerTest, ATakenNameThatTheCacheDoesNotShow) {
  add_room();
  cluster_.hold_back();
  reconcile();
  calls();
  // Another process with the same old cache: the name is the lock.
  RoomReconciler another(cluster_, loop_.clock, random_, rooms_, pods_, claims_, index_, nullptr, settings_);
  loop_.run(another.reconcile(room_key, {}));
  const Calls made = calls();
  EXPECT_EQ(made[0], "create persistentvolumeclaims rooms/a-recordings");
  EXPECT_EQ(made[1], "get persistentvolumeclaims rooms/a-recordings");
  EXPECT_EQ(made[2], "create pods rooms/a-recorder");
  EXPECT_EQ(made[3], "get pods rooms/a-recorder");
  EXPECT_EQ(condition("Ready"), "False PodPending");
}

TEST_F(RoomReconcilerTest, SomebodyElsesPodIsANameConflict) {
  add_room();
  cluster_.hold_back();  // it has no label of ours, so the watch does not show it
  cluster_.put(kube::resources::pods,
               parse_json(R"({"metadata": {"name": "a-recorder", "namespace": "rooms"}})"));
  reconcile();
  EXPECT_EQ(condition("Ready"), "False NameConflict");
  calls();
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(RoomReconcilerTest, SomebodyElsesClaimIsAConflictAndThereIsNoPod) {
  add_room();
  cluster_.hold_back();
  cluster_.put(kube::resources::claims,
               parse_json(R"({"metadata": {"name": "a-recordings", "namespace": "rooms"}})"));
  reconcile();
  EXPECT_EQ(condition("StorageReady"), "False ClaimConflict");
  EXPECT_EQ(condition("Ready"), "False StorageNotReady");
  EXPECT_EQ(cluster_.find(kube::resources::pods, pod_key), nullptr);
}

TEST_F(RoomReconcilerTest, ARefusalIsAConditionWithTheServersWords) {
  struct Case {
    kube::ApiError error;
    std::string condition;
  };
  kube::ApiError terminating = test::api_error(403, "Forbidden", "because it is being terminated");
  terminating.causes = {
      {"NamespaceTerminating", "namespace rooms is being terminated", "metadata.namespace"}};
  const Case cases[] = {
      {test::api_error(403, "Forbidden",
                       "pods \"a-recorder\" is forbidden: exceeded quota: q, requested: pods=1"),
       "False QuotaExceeded"},
      {test::api_error(403, "Forbidden", "violates PodSecurity \"restricted:latest\""), "False Refused"},
      {test::api_error(422, "Invalid", "spec.tolerations[0].operator: Invalid value"), "False Refused"},
      {terminating, "False NamespaceTerminating"},
  };
  for (const Case& one : cases) {
    cluster_.vanish(live_rooms, room_key);
    reconcile();
    add_room();
    refuse("create pods rooms/a-recorder", one.error);
    const kube::Action action = reconcile();
    EXPECT_EQ(condition("Ready"), one.condition);
    EXPECT_EQ(action.kind, kube::Action::Kind::after);
    EXPECT_GE(action.delay, 9s);
    EXPECT_LE(action.delay, 12s);
    calls();
    reconcile();  // its own status write wakes it: no hot loop
    EXPECT_EQ(calls(), Calls{});
    loop_.advance(12s);
    const kube::Action later = reconcile();
    EXPECT_EQ(calls(), Calls{"create pods rooms/a-recorder"});  // the same words: no status write
    EXPECT_GE(later.delay, 20s);
    cluster_.refuse({});
    loop_.advance(later.delay);
    reconcile();
    EXPECT_EQ(condition("Ready"), "False PodPending");
    cluster_.vanish(kube::resources::pods, pod_key);
  }
}

TEST_F(RoomReconcilerTest, ABusyQuotaIsNoRefusal) {
  add_room();
  refuse("create pods rooms/a-recorder",
         test::api_error(409, "Conflict", "Operation cannot be fulfilled on resourcequotas \"q\""));
  EXPECT_EQ(reconcile().kind, kube::Action::Kind::retry);
  EXPECT_EQ(condition("Ready"), "none");
}

TEST_F(RoomReconcilerTest, AServerInTroubleIsAnErrorToRetry) {
  add_room();
  refuse("create pods rooms/a-recorder", test::api_error(503, "ServiceUnavailable", "later"));
  EXPECT_THROW(reconcile(), kube::ApiException);
  refuse("create pods rooms/a-recorder", test::api_error(429, "TooManyRequests", "later"));
  EXPECT_THROW(reconcile(), kube::ApiException);
  cluster_.refuse({});
  reconcile();
  EXPECT_NE(cluster_.find(kube::resources::pods, pod_key), nullptr);
}

TEST_F(RoomReconcilerTest, AWriteOnOldDataIsPlannedAgain) {
  add_room();
  settle();
  cluster_.hold_back();
  cluster_.vanish(kube::resources::pods, pod_key);
  cluster_.change(live_rooms, room_key, {{"spec", {{"suspend", true}}}});
  cluster_.put(kube::resources::pods,
               parse_json(R"({"metadata": {"name": "a-recorder", "namespace": "rooms"}})"));
  // The cache shows the room as suspended, but still the first pod.
  rooms_.scope("").changed(*cluster_.find(live_rooms, room_key));
  const kube::Action action = reconcile();
  EXPECT_EQ(action.kind, kube::Action::Kind::retry);
  EXPECT_EQ(calls(), Calls{"delete pods rooms/a-recorder"});
  EXPECT_NE(cluster_.find(kube::resources::pods, pod_key), nullptr);
}

TEST_F(RoomReconcilerTest, AnEndedPodIsMadeAgainAfterAWait) {
  add_room();
  settle();
  cluster_.change(kube::resources::pods, pod_key, {{"status", {{"phase", "Failed"}, {"reason", "Evicted"}}}});
  reconcile();
  EXPECT_EQ(calls()[0], "delete pods rooms/a-recorder");
  cluster_.vanish(kube::resources::pods, pod_key);
  const kube::Action action = reconcile();
  EXPECT_EQ(condition("Ready"), "False PodEnded");
  EXPECT_EQ(action.kind, kube::Action::Kind::after);
  EXPECT_GE(action.delay, 9s);
  EXPECT_LE(action.delay, 12s);
  loop_.advance(action.delay);
  calls();
  reconcile();
  EXPECT_EQ(calls()[0], "create pods rooms/a-recorder");
}

TEST_F(RoomReconcilerTest, AConfigurationChangeIsOnePatchAndNoNewPod) {
  add_room();
  settle();
  const std::string uid = (*cluster_.find(kube::resources::pods, pod_key))["metadata"]["uid"];
  cluster_.change(live_rooms, room_key, {{"spec", {{"transport", {{"pollIntervalSeconds", 60}}}}}});
  reconcile();
  EXPECT_EQ(calls(), (Calls{"patch pods rooms/a-recorder", "apply:liveroom-controller liverooms rooms/a"}));
  const Json& pod = *cluster_.find(kube::resources::pods, pod_key);
  EXPECT_EQ(pod["metadata"]["uid"], uid);
  const Json config = parse_json(pod["metadata"]["annotations"]["liveroom.dev/config"].get<std::string>());
  EXPECT_EQ(config["transport"]["pollIntervalSeconds"], 60);
  EXPECT_EQ(config["generation"], 2);
}

TEST_F(RoomReconcilerTest, AnOutdatedPodIsDrainedAndReplaced) {
  add_room();
  settle();
  cluster_.change(live_rooms, room_key,
                  parse_json(R"({"spec": {"podTemplate": {"nodeSelector": {"a": "b"}}}})"));
  reconcile();
  EXPECT_EQ(condition("UpToDate"), "False TemplateChanged");
  const Json& pod = *cluster_.find(kube::resources::pods, pod_key);
  const Json config = parse_json(pod["metadata"]["annotations"]["liveroom.dev/config"].get<std::string>());
  const std::string drain = config["drain"];
  ASSERT_FALSE(drain.empty());
  cluster_.change(live_rooms, room_key,
                  {{"status", {{"recorder", {{"drain", {{"id", drain}, {"answer", "Ready"}}}}}}}});
  calls();
  reconcile();
  EXPECT_EQ(calls()[0], "delete pods rooms/a-recorder");
  cluster_.vanish(kube::resources::pods, pod_key);
  reconcile();
  EXPECT_EQ((*cluster_.find(kube::resources::pods, pod_key))["spec"]["nodeSelector"]["a"], "b");
  EXPECT_EQ(condition("UpToDate"), "True UpToDate");
}

TEST_F(RoomReconcilerTest, AnImageThatCanNotBePulledComesAndGoesInPlace) {
  add_room();
  settle();
  const auto pod = [&]() -> const Json& { return *cluster_.find(kube::resources::pods, pod_key); };
  const auto image = [&] { return pod()["spec"]["containers"][0]["image"].get<std::string>(); };
  const auto kubelet = [&](const std::string& container) {
    Json status = {{"containerStatuses", Json::array({parse_json(container)})}};
    cluster_.change(kube::resources::pods, pod_key, {{"status", status}});
  };
  const std::string uid = pod()["metadata"]["uid"];
  kubelet(R"({"name": "recorder", "containerID": "containerd://1"})");
  settings_.recorder_image = "liveroom:2";
  reconcile();
  const Json config = parse_json(pod()["metadata"]["annotations"]["liveroom.dev/config"].get<std::string>());
  cluster_.change(live_rooms, room_key,
                  {{"status", {{"recorder", {{"drain", {{"id", config["drain"]}, {"answer", "Ready"}}}}}}}});
  reconcile();
  EXPECT_EQ(image(), "liveroom:2");
  EXPECT_EQ(condition("UpToDate"), "False Replacing");
  kubelet(
      R"({"name": "recorder", "state": {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}})");
  reconcile();
  EXPECT_EQ(image(), "liveroom:1");
  EXPECT_EQ(condition("UpToDate"), "False ImagePullFailed");
  kubelet(R"({"name": "recorder", "containerID": "containerd://2"})");
  calls();
  // No other attempt for a while; then one.
  kube::Action action = reconcile();
  EXPECT_EQ(image(), "liveroom:1");
  EXPECT_EQ(action.kind, kube::Action::Kind::after);
  EXPECT_EQ(condition("UpToDate"), "False ImagePullFailed");
  loop_.clock.set(loop_.clock.now() + Rollout::first_retry);
  reconcile();
  EXPECT_NE(parse_json(pod()["metadata"]["annotations"]["liveroom.dev/config"].get<std::string>())["drain"],
            "");
  EXPECT_EQ(pod()["metadata"]["uid"], uid);
}

TEST_F(RoomReconcilerTest, ANamedClaimIsReadAndNeverWritten) {
  add_room({{"roomId", 6}, {"storage", {{"claimName", "shared"}}}});
  kube::Action action = reconcile();
  EXPECT_EQ(calls(), (Calls{"get persistentvolumeclaims rooms/shared",
                            "apply:liveroom-controller liverooms rooms/a"}));
  EXPECT_EQ(condition("StorageReady"), "False ClaimMissing");
  EXPECT_EQ(action.delay, named_claim_again);
  cluster_.put(kube::resources::claims, parse_json(R"({"metadata": {"name": "shared", "namespace": "rooms"},
      "status": {"phase": "Bound"}})"));
  reconcile();
  EXPECT_EQ(calls()[1], "create pods rooms/a-recorder");
  EXPECT_EQ(condition("StorageReady"), "True Bound");
  refuse("get persistentvolumeclaims rooms/shared", test::api_error(403, "Forbidden", "no right"));
  reconcile();
  EXPECT_EQ(condition("StorageReady"), "False Refused");
}

TEST_F(RoomReconcilerTest, AnOrphanedRecorderIsRemovedAfterALiveLook) {
  add_room();
  settle();
  cluster_.change(kube::resources::pods, pod_key, {{"metadata", {{"ownerReferences", nullptr}}}});
  cluster_.hold_back();
  cluster_.vanish(live_rooms, room_key);
  rooms_.scope("").removed(parse_json(R"({"metadata": {"name": "a", "namespace": "rooms"}})"));
  // The cache is wrong: the LiveRoom is there after all.
  add_room();
  EXPECT_EQ(reconcile().kind, kube::Action::Kind::retry);
  EXPECT_EQ(calls(), Calls{"get liverooms rooms/a"});
  cluster_.vanish(live_rooms, room_key);
  reconcile();
  EXPECT_EQ(calls(), (Calls{"get liverooms rooms/a", "delete pods rooms/a-recorder"}));
}

TEST_F(RoomReconcilerTest, WhatTheGarbageCollectorWillTakeIsLeftToIt) {
  add_room();
  settle();
  cluster_.vanish(live_rooms, room_key);
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(RoomReconcilerTest, ASpecThatCanNotBeReadIsSaidAndThePodStays) {
  add_room();
  settle();
  cluster_.change(live_rooms, room_key, {{"spec", {{"roomId", "six"}}}});
  reconcile();
  EXPECT_EQ(condition("Ready"), "False InvalidSpec");
  EXPECT_EQ(calls(), (Calls{"get liverooms rooms/a", "apply:liveroom-controller liverooms rooms/a"}));
  reconcile();
  EXPECT_EQ(calls(), Calls{"get liverooms rooms/a"});
  EXPECT_NE(cluster_.find(kube::resources::pods, pod_key), nullptr);
}

TEST_F(RoomReconcilerTest, GrowthThatIsRefusedIsSaidAndThePodIsMade) {
  const Json spec = parse_json(R"({"roomId": 6, "storage": {"volumeClaimTemplate": {"spec": {
      "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Gi"}}}}}})");
  add_room(spec);
  settle();
  refuse("patch persistentvolumeclaims rooms/a-recordings",
         test::api_error(403, "Forbidden", "only dynamically provisioned pvc can be resized"));
  cluster_.change(
      live_rooms, room_key,
      parse_json(
          R"({"spec": {"storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "16Gi"}}}}}}})"));
  reconcile();
  EXPECT_EQ(condition("StorageReady"), "True ResizeRefused");
  EXPECT_EQ(condition("Ready"), "True Ready");
  calls();
  reconcile();
  EXPECT_EQ(calls(), Calls{});
}

TEST_F(RoomReconcilerTest, NothingIsDoneBeforeTheCachesAreThere) {
  kube::Store<RecorderPod> empty(decode_recorder_pod);
  RoomReconciler early(cluster_, loop_.clock, random_, rooms_, empty, claims_, index_, nullptr, settings_);
  add_room();
  EXPECT_EQ(loop_.run(early.reconcile(room_key, {})).kind, kube::Action::Kind::after);
  EXPECT_EQ(calls(), Calls{});
}

}  // namespace
}  // namespace live::controller
