// SPDX-License-Identifier: Apache-2.0
// What the controller reads of objects as the API server sends them.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "controller/config_facts.hpp"
#include "controller/live_room.hpp"
#include "controller/pod_spec.hpp"
#include "controller/recorder_pod.hpp"
#include "controller/recordings_claim.hpp"
#include "controller/template_hash.hpp"
#include "kube/api_json.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;
using namespace std::chrono_literals;

// Watches and answers bring only these.
template <class T>
void expect_fields_are_enough(const kube::Fields& fields, Result<T> (*decode)(const Json&),
                              const Json& object) {
  const auto whole = decode(object);
  const auto read = decode(kube::parse_object(dump_json(object), fields));
  ASSERT_TRUE(whole && read);
  EXPECT_EQ(*read, *whole);
}

TEST(DecodeLiveRoom, ReadsSpecAndStatus) {
  const Json object = parse_json(R"({
    "metadata": {"name": "a", "namespace": "rooms", "uid": "u", "resourceVersion": "7", "generation": 3,
                 "creationTimestamp": "2023-11-14T22:13:20Z"},
    "spec": {"roomId": 6, "suspend": true, "podTemplate": {"env": [], "nodeSelector": {}}},
    "status": {"observedGeneration": 2, "podName": "a-recorder", "room": {"id": 7734200},
               "conditions": [{"type": "Ready", "status": "True", "reason": "Ready"},
                              {"type": "Live", "status": "False", "reason": "Offline"}],
               "recorder": {"podUID": "p", "drain": {"id": "d", "answer": "Ready"}}}})");
  const auto room = decode_live_room(object);
  ASSERT_TRUE(room) << room.error().message;
  EXPECT_EQ(room->key.text(), "rooms/a");
  EXPECT_EQ(room->generation, 3);
  EXPECT_EQ(room->created, test::wall);
  EXPECT_FALSE(room->terminating);
  EXPECT_TRUE(room->spec.suspend);
  EXPECT_EQ(room->spec.pod_template, "");
  EXPECT_EQ(room->observed_generation, 2);
  EXPECT_EQ(room->conditions.size(), 2U);
  EXPECT_EQ(room->real_room_id, 7734200);
  EXPECT_EQ(room->reporter, "p");
  EXPECT_EQ(room->drain, (DrainStatus{"d", DrainAnswer::ready}));
  expect_fields_are_enough(live_room_fields(), decode_live_room, object);
}

TEST(DecodeLiveRoom, AfterAWriteOfItsStatusTheSpecIsAsBefore) {
  Json object = parse_json(R"({
    "metadata": {"name": "a", "namespace": "rooms", "uid": "u", "resourceVersion": "7", "generation": 3},
    "spec": {"roomId": 6, "suspend": true},
    "status": {"podName": "a-recorder", "recorder": {"podUID": "p", "drain": {"id": "d", "answer": "Ready"}}}})");
  const LiveRoom before = decode_live_room(object).value();
  object["metadata"]["resourceVersion"] = "8";
  object["status"] = {{"observedGeneration", 3}, {"room", {{"id", 7734200}}}};
  const Json answer = kube::parse_object(dump_json(object), written_status_fields());
  EXPECT_FALSE(answer.contains("spec"));
  EXPECT_EQ(with_written_status(before, answer), decode_live_room(object).value());
  for (const auto& [field, value] : {std::pair<const char*, Json>("generation", 4), {"uid", "another"}}) {
    Json other = answer;
    other["metadata"][field] = value;
    EXPECT_EQ(with_written_status(before, other), std::nullopt);
  }
  EXPECT_EQ(with_written_status(before, Json::object()), std::nullopt);
}

TEST(DecodeLiveRoom, SaysWhatItCanNotRead) {
  const auto room = decode_live_room(parse_json(R"({"metadata": {"name": "a"}, "spec": {"roomId": 0}})"));
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().message, "spec.roomId must be at least 1");
  EXPECT_FALSE(decode_live_room(parse_json(R"({"spec": {"roomId": 6}})")));
}

TEST(DecodeRecorderPod, ReadsWhatMakePodWrote) {
  const LiveRoom room = test::make_room();
  const Settings settings = test::make_settings();
  RecorderConfig config = make_recorder_config("rooms", "a", room.uid, 1, room.spec);
  config.drain = "d";
  config.report_sequence = 4;
  config.rooms = 100;
  Json json = make_pod(room, settings, config);
  json["metadata"]["uid"] = "p";
  json["metadata"]["creationTimestamp"] = "2023-11-14T22:13:20Z";
  auto pod = decode_recorder_pod(json);
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->key.text(), "rooms/a-recorder");
  EXPECT_EQ(pod->room, "a");
  EXPECT_TRUE(pod->managed);
  EXPECT_EQ(pod->owner_uid, room.uid);
  EXPECT_EQ(pod->image, "liveroom:1");
  EXPECT_EQ(pod->template_hash, template_hash(room.spec, settings));
  EXPECT_EQ(pod->config_hash, config_hash(config));
  EXPECT_EQ(pod->drain, "d");
  EXPECT_EQ(pod->report_sequence, 4);
  EXPECT_EQ(pod->rooms, 100);
  EXPECT_FALSE(pod->marked_recording);
  EXPECT_EQ(pod->ready_since, test::wall);
  json["spec"]["nodeName"] = "node-1";
  json["metadata"]["annotations"]["liveroom.dev/image-update"] = R"({"from":"liveroom:0","container":"7"})";
  expect_fields_are_enough(recorder_pod_fields(), decode_recorder_pod, json);
  json["metadata"]["annotations"]["liveroom.dev/config"] = "{";
  pod = decode_recorder_pod(json);
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod->config_hash, 0U);
}

TEST(DecodeRecorderPod, ReadsItsState) {
  const Json object = parse_json(R"({
    "metadata": {"name": "a-recorder", "namespace": "rooms", "deletionTimestamp": "2023-11-14T22:13:20Z",
                 "labels": {"liveroom.dev/room": "a", "liveroom.dev/recording": "true"}},
    "status": {"phase": "Running",
      "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2023-11-14T22:13:21Z"},
                     {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}],
      "containerStatuses": [{"name": "sidecar", "state": {"waiting": {"reason": "X"}}},
        {"name": "recorder", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
         "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "message": "log"}}}]}})");
  const auto pod = decode_recorder_pod(object);
  ASSERT_TRUE(pod);
  EXPECT_TRUE(pod->terminating());
  EXPECT_TRUE(pod->marked_recording);
  EXPECT_EQ(pod->phase, PodPhase::running);
  EXPECT_FALSE(pod->ready);
  EXPECT_EQ(pod->ready_since, test::wall + 1s);
  EXPECT_EQ(pod->unschedulable, "no node");
  EXPECT_EQ(pod->waiting_reason, "CrashLoopBackOff");
  EXPECT_EQ(pod->waiting_message, "back-off 10s");
  EXPECT_EQ(pod->end_reason, "OOMKilled");
  EXPECT_EQ(pod->end_message, "log");
  expect_fields_are_enough(recorder_pod_fields(), decode_recorder_pod, object);
}

TEST(DecodeRecorderPod, AnEvictionIsThePodsOwnReason) {
  const auto pod = decode_recorder_pod(parse_json(R"({"metadata": {"name": "a-recorder"},
    "status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}})"));
  ASSERT_TRUE(pod);
  EXPECT_TRUE(pod->ended());
  EXPECT_EQ(pod->end_reason, "Evicted");
  EXPECT_EQ(pod->end_message, "low on memory");
}

TEST(DecodeRecordingsClaim, ReadsItsState) {
  const Json object = parse_json(R"({
    "metadata": {"name": "a-recordings", "namespace": "rooms", "resourceVersion": "5",
      "labels": {"liveroom.dev/room": "a", "app.kubernetes.io/managed-by": "liveroom-controller"},
      "ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "x", "uid": "u", "controller": true}]},
    "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "8Gi"}}},
    "status": {"phase": "Bound", "conditions": [{"type": "FileSystemResizePending", "status": "True"}]}})");
  const auto claim = decode_recordings_claim(object);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->phase, ClaimPhase::bound);
  EXPECT_EQ(claim->requested_bytes, std::int64_t{8} << 30);
  EXPECT_EQ(claim->resizing, "FileSystemResizePending");
  EXPECT_EQ(claim->owners.size(), 1U);
  EXPECT_TRUE(claim->managed);
  EXPECT_EQ(room_key_of(*claim).text(), "rooms/a");
  EXPECT_EQ(claim->storage_class, "fast");
  expect_fields_are_enough(recordings_claim_fields(), decode_recordings_claim, object);
}

}  // namespace
}  // namespace live::controller
