// SPDX-License-Identifier: Apache-2.0
// The structs and crds/liveroom.yaml say the same: fields, defaults, enumerations, bounds.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "base/json.hpp"
#include "liveroom/recorder_config.hpp"
#include "liveroom/recorder_status.hpp"
#include "liveroom/spec_names.hpp"
#include "liveroom/spec_sections.hpp"

namespace live::liveroom {
namespace {
using namespace std::chrono_literals;

class Schema : public ::testing::Test {
 protected:
  Schema() {
    const YAML::Node crd = YAML::LoadFile(LIVE_SOURCE_DIR "/crds/liveroom.yaml");
    const YAML::Node properties = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
    spec_.reset(properties["spec"]["properties"]);
    status_.reset(properties["status"]["properties"]);
  }

  static std::set<std::string> keys(const YAML::Node& map) {
    std::set<std::string> all;
    for (const auto& entry : map) all.insert(entry.first.as<std::string>());
    return all;
  }
  static std::set<std::string> keys(const Json& object) {
    std::set<std::string> all;
    for (const auto& [key, value] : object.items()) all.insert(key);
    return all;
  }
  // A scalar or a list of scalars as one text.
  static std::string text(const YAML::Node& node) {
    if (node.IsScalar()) return node.as<std::string>();
    std::string all;
    for (const YAML::Node& item : node) all += item.as<std::string>() + " ";
    return all;
  }
  static std::string text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return dump_json(value);
    std::string all;
    for (const Json& item : value) all += text(item) + " ";
    return all;
  }
  template <std::size_t N>
  static std::set<std::string> names(const std::array<std::string_view, N>& list) {
    return {list.begin(), list.end()};
  }
  static std::set<std::string> members(const YAML::Node& schema) {
    std::set<std::string> all;
    for (const YAML::Node& item : schema["enum"] ? schema["enum"] : schema["items"]["enum"])
      all.insert(item.as<std::string>());
    return all;
  }

  // Every field of the section is in the struct, with the same default.
  void same_defaults(const std::string& section, const Json& ours,
                     const std::set<std::string>& without_default) {
    const YAML::Node properties = spec_[section]["properties"];
    std::set<std::string> all = keys(ours);
    all.insert(without_default.begin(), without_default.end());
    EXPECT_EQ(keys(properties), all) << section;
    for (const auto& [key, value] : ours.items())
      EXPECT_EQ(text(properties[key]["default"]), text(value)) << section << "." << key;
  }

  // What `value` writes is in the schema, and no string is longer than the schema's bound for it.
  static void fits(const Json& value, const YAML::Node& schema, const std::string& path) {
    if (value.is_object()) {
      for (const auto& [key, item] : value.items()) {
        ASSERT_TRUE(schema["properties"][key]) << path << "." << key;
        fits(item, schema["properties"][key], path + "." + key);
      }
    } else if (value.is_array()) {
      EXPECT_LE(value.size(), schema["maxItems"].as<std::size_t>()) << path;
      for (const Json& item : value) fits(item, schema["items"], path + "[]");
    } else if (value.is_string() && schema["maxLength"]) {
      // The values of this test are all ASCII.
      EXPECT_LE(value.get<std::string>().size(), schema["maxLength"].as<std::size_t>()) << path;
    }
  }

  YAML::Node spec_;
  YAML::Node status_;
};

TEST_F(Schema, SectionsHaveTheSameFieldsAndDefaults) {
  same_defaults("stream", to_json(StreamSpec{}), {});
  same_defaults("recording", to_json(RecordingSpec{}), {"directory"});
  same_defaults("transport", to_json(TransportSpec{}), {"proxy"});
  same_defaults("retention", to_json(RetentionSpec{}), {});
  EXPECT_EQ(keys(spec_),
            (std::set<std::string>{"roomId", "suspend", "stream", "recording", "transport",
                                   "credentialsSecretRef", "storage", "retention", "updatePolicy",
                                   "updateDeadlineSeconds", "notifications", "podTemplate"}));
}

TEST_F(Schema, EnumerationsHaveTheSameMembers) {
  const YAML::Node recording = spec_["recording"]["properties"];
  const YAML::Node stream = spec_["stream"]["properties"];
  EXPECT_EQ(members(stream["fallback"]), names(names_of::quality_fallback));
  EXPECT_EQ(members(stream["formats"]), names(names_of::stream_format));
  EXPECT_EQ(members(stream["codecs"]), names(names_of::stream_codec));
  EXPECT_EQ(members(recording["danmaku"]), names(names_of::danmaku_file));
  EXPECT_EQ(members(recording["cover"]), names(names_of::cover_file));
  EXPECT_EQ(members(recording["gaps"]), names(names_of::gap_handling));
  EXPECT_EQ(members(recording["windows"]["items"]["properties"]["days"]), names(names_of::weekday));
  EXPECT_EQ(members(spec_["transport"]["properties"]["addressFamily"]), names(names_of::address_family));
  EXPECT_EQ(members(spec_["storage"]["properties"]["whenDeleted"]), names(names_of::when_deleted));
  EXPECT_EQ(members(spec_["updatePolicy"]), names(names_of::update_policy));
  EXPECT_EQ(members(spec_["notifications"]["items"]["properties"]["events"]),
            names(names_of::notification_event));
}

TEST_F(Schema, AFullStatusOfOverlongTextFits) {
  const std::string text(5000, 'x');
  const WallTime time{1'700'000'000s};
  RecorderStatus status;
  for (const ConditionType type : recorder_conditions)
    set_condition(status.conditions, {.type = type, .reason = text, .message = text}, time);
  status.room = RoomStatus{1, 2, 3, text, text, text, text};
  status.show = ShowStatus{text, time};
  status.recording = RecordingStatus{text, time, 1, text, text, text, 1, 1, 1, 1};
  status.last_recording =
      LastRecording{std::vector<FinishedFile>(80, {text, time, 1, 1, 1}), 80, time, time, 1, 1, 1, text};
  status.last_retention = LastRetention{time, 1, 1};
  status.recorder = RecorderInfo{text, text, 1, DrainStatus{text, DrainAnswer::ready}, time};
  YAML::Node schema;
  schema["properties"] = status_;
  fits(to_json(status), schema, "status");
}

TEST_F(Schema, TheStatusHasNoFieldThatNobodyWrites) {
  std::set<std::string> ours = {"observedGeneration", "podName"};
  RecorderStatus status;
  status.room.emplace();
  status.show.emplace();
  status.recording.emplace();
  status.last_recording.emplace();
  status.last_retention.emplace();
  for (const std::string& key : keys(to_json(status))) ours.insert(key);
  EXPECT_EQ(keys(status_), ours);
}

}  // namespace
}  // namespace live::liveroom
