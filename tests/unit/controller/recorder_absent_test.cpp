// SPDX-License-Identifier: Apache-2.0
#include "controller/recorder_absent.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "controller/owned_fields.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace std::chrono_literals;

Json live_room() {
  return parse_json(R"({
    "metadata": {"name": "a", "namespace": "rooms", "resourceVersion": "41", "managedFields": [
      {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {}}},
      {"manager": "liveroom-controller", "operation": "Apply", "subresource": "status",
       "fieldsV1": {"f:status": {"f:podName": {}, "f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:type": {}, "f:status": {}}}}}},
      {"manager": "liveroom-recorder", "operation": "Apply", "subresource": "status",
       "fieldsV1": {"f:status": {
         "f:conditions": {
           "k:{\"type\":\"Live\"}": {".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:reason": {}, "f:status": {}, "f:type": {}},
           "k:{\"type\":\"Recording\"}": {".": {}, "f:lastTransitionTime": {}, "f:message": {}, "f:reason": {}, "f:status": {}, "f:type": {}}},
         "f:lastRecording": {"f:files": {}, "f:fileCount": {}},
         "f:recorder": {"f:podUID": {}, "f:drain": {"f:id": {}}}}}}]},
    "spec": {"roomId": 6},
    "status": {"podName": "a-recorder", "observedGeneration": 1,
      "conditions": [
        {"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2023-01-01T00:00:00Z"},
        {"type": "Live", "status": "True", "reason": "Live", "message": "m", "lastTransitionTime": "2023-01-01T00:00:00Z"},
        {"type": "Recording", "status": "Unknown", "reason": "Connecting", "message": "", "lastTransitionTime": "2023-01-01T00:00:00Z"}],
      "lastRecording": {"files": [{"file": "x", "bytes": 1}], "fileCount": 1, "endReason": "not the recorder's"},
      "recorder": {"podUID": "p", "drain": {"id": "d", "answer": "not the recorder's"}}}})");
}

TEST(OwnedFields, AreThoseOfTheManagersApply) {
  const auto owned = owned_fields(live_room(), "liveroom-recorder", "status");
  ASSERT_TRUE(owned);
  const Json& status = (*owned)["status"];
  EXPECT_EQ(owned->size(), 1U);
  ASSERT_EQ(status["conditions"].size(), 2U);
  EXPECT_EQ(status["conditions"][0]["type"], "Live");
  EXPECT_EQ(status["conditions"][1]["type"], "Recording");
  EXPECT_EQ(status["lastRecording"], parse_json(R"({"files": [{"file": "x", "bytes": 1}], "fileCount": 1})"));
  EXPECT_EQ(status["recorder"], parse_json(R"({"podUID": "p", "drain": {"id": "d"}})"));
  EXPECT_FALSE(status.contains("podName"));
  EXPECT_FALSE(owned_fields(live_room(), "liveroom-recorder", ""));
  EXPECT_FALSE(owned_fields(live_room(), "nobody", "status"));
  EXPECT_FALSE(owned_fields(parse_json("{}"), "liveroom-recorder", "status"));
}

TEST(OwnedFields, KnowSets) {
  const Json object = parse_json(R"({"metadata": {"managedFields": [{"manager": "m", "operation": "Apply",
      "fieldsV1": {"f:a": {"v:\"x\"": {}, "v:2": {}}}}]}, "a": ["w", "x", 2]})");
  EXPECT_EQ((*owned_fields(object, "m", ""))["a"], parse_json(R"(["x", 2])"));
}

TEST(AbsentPatch, KeepsEverythingButTheConditions) {
  const auto patch = absent_patch(live_room(), "there is no recorder pod", test::wall);
  ASSERT_TRUE(patch);
  EXPECT_EQ((*patch)["metadata"], parse_json(R"({"name": "a", "resourceVersion": "41"})"));
  const Json& status = (*patch)["status"];
  EXPECT_EQ(status["conditions"], parse_json(R"([
      {"type": "Live", "status": "Unknown", "reason": "RecorderAbsent", "message": "there is no recorder pod",
       "lastTransitionTime": "2023-11-14T22:13:20Z"},
      {"type": "Recording", "status": "Unknown", "reason": "RecorderAbsent", "message": "there is no recorder pod",
       "lastTransitionTime": "2023-01-01T00:00:00Z"}])"));
  EXPECT_EQ(status["lastRecording"]["fileCount"], 1);
  EXPECT_EQ(status["recorder"]["podUID"], "p");
}

TEST(AbsentPatch, IsNotNeededTwice) {
  Json room = live_room();
  for (Json& condition : room["status"]["conditions"]) condition["reason"] = "RecorderAbsent";
  EXPECT_FALSE(absent_patch(room, "x", test::wall));
  room = live_room();
  room["metadata"].erase("managedFields");
  EXPECT_FALSE(absent_patch(room, "x", test::wall));
}

}  // namespace
}  // namespace live::controller
