// SPDX-License-Identifier: Apache-2.0
#include "liveroom/manifest.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::liveroom {
namespace {

std::string with_spec(std::string_view spec) {
  return std::string(
             R"({"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom", "metadata": {"name": "a"}, "spec": )") +
         std::string(spec) + "}";
}

std::string problem_of(std::string_view text) {
  const auto parsed = parse_manifest(parse_json(text));
  return parsed ? "" : parsed.error().message;
}

TEST(ParseManifest, TakesAGoodOne) {
  const auto manifest = parse_manifest(parse_json(
      R"({"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom",
          "metadata": {"name": "room-6", "namespace": "rooms", "labels": {"a": "b"}},
          "spec": {"roomId": 6, "podTemplate": {"nodeSelector": {"x": "y"}}}, "status": {"podName": "x"}})"));
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->name, "room-6");
  EXPECT_EQ(manifest->name_space, "rooms");
  EXPECT_EQ(manifest->spec.room_id, 6);
}

TEST(ParseManifest, SaysInOneLineWhatIsWrong) {
  EXPECT_EQ(problem_of("[]"), "the manifest must be one LiveRoom object");
  EXPECT_EQ(problem_of(R"({"kind": "Pod"})"), "kind must be LiveRoom, not \"Pod\"");
  EXPECT_EQ(problem_of(R"({"kind": "LiveRoom", "apiVersion": "v1"})"),
            "apiVersion must be liveroom.dev/v1alpha1, not \"v1\"");
  EXPECT_EQ(
      problem_of(R"({"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom", "spec": {"roomId": 6}})"),
      "metadata.name is required");
  EXPECT_EQ(
      problem_of(R"({"apiVersion": "liveroom.dev/v1alpha1", "kind": "LiveRoom", "metadata": {"name": "A"}})"),
      "metadata.name must have at most 52 lower-case letters, digits and \"-\", not \"A\"");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 0})")), "spec.roomId must be at least 1");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 6, "sream": {}})")), "unknown field \"spec.sream\"");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 6, "recording": {"dir": "x"}})")),
            "unknown field \"spec.recording.dir\"");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 6, "stream": {"fallback": "Guess"}})")),
            "spec.stream.fallback must be one of Best, Wait, not \"Guess\"");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 6, "stream": {"formats": ["flv", "flv"]}})")),
            "spec.stream.formats must not have \"flv\" twice");
  EXPECT_EQ(problem_of(with_spec(R"({"roomId": 6, "podTemplate": {"serviceAccountName": "x"}})")),
            "unknown field \"spec.podTemplate.serviceAccountName\"");
  EXPECT_NE(problem_of(with_spec(R"({"roomId": 6, "recording": {"directory": "../up"}})")), "");
  EXPECT_EQ(problem_of(with_spec(
                R"({"roomId": 6, "storage": {"claimName": "c", "volumeClaimTemplate": {"spec": {}}}})")),
            "spec.storage.claimName and volumeClaimTemplate exclude each other");
}

}  // namespace
}  // namespace live::liveroom
