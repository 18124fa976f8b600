// SPDX-License-Identifier: Apache-2.0
#include "controller/config_facts.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

RecorderConfig config_of(const LiveRoom& room) {
  return make_recorder_config(room.key.ns, room.key.name, room.uid, room.generation, room.spec);
}

TEST(ConfigHash, EachFieldButRoomsCounts) {
  const std::vector<std::function<void(RecorderConfig&)>> changes = {
      [](RecorderConfig&) {},
      [](RecorderConfig& c) { c.version = 9; },
      [](RecorderConfig& c) { c.name_space += "x"; },
      [](RecorderConfig& c) { c.name += "x"; },
      [](RecorderConfig& c) { c.uid += "x"; },
      [](RecorderConfig& c) { c.generation = 99; },
      [](RecorderConfig& c) { c.report_sequence = 3; },
      [](RecorderConfig& c) { c.drain = "d"; },
      [](RecorderConfig& c) { c.room_id = 77; },
      [](RecorderConfig& c) { c.stream.qualities = {400}; },
      [](RecorderConfig& c) {
        c.stream.qualities = {10000, 400};
      },
      [](RecorderConfig& c) {
        c.stream.codecs = {StreamCodec::hevc, StreamCodec::avc};
      },
      [](RecorderConfig& c) { c.stream.prefer_hosts = c.stream.avoid_hosts; },
      [](RecorderConfig& c) { std::swap(c.stream.avoid_hosts, c.stream.prefer_hosts); },
      [](RecorderConfig& c) { c.recording.split_on_title_change = true; },
      [](RecorderConfig& c) { c.recording.windows = {{.from_minute = 1}}; },
      [](RecorderConfig& c) { c.recording.windows = {{.to_minute = 1}}; },
      [](RecorderConfig& c) { c.transport.proxy = "http://p:1"; },
      [](RecorderConfig& c) { c.retention.min_free_bytes = 1; },
      [](RecorderConfig& c) { c.credentials_secret = "s"; },
      [](RecorderConfig& c) { c.notifications = {{.name = "n", .url = "u"}}; },
      [](RecorderConfig& c) { c.notifications = {{.name = "nu", .url = ""}}; },
  };
  std::set<std::uint64_t> hashes;
  for (const auto& change : changes) {
    RecorderConfig config = config_of(test::make_room());
    change(config);
    hashes.insert(config_hash(config));
    config.rooms = 1000;
    EXPECT_TRUE(hashes.contains(config_hash(config)));
  }
  EXPECT_EQ(hashes.size(), changes.size());
}

TEST(ConfigFacts, AreTheSameOfATextThatIsKnownAndOfOneThatIsNot) {
  RecorderConfig config = config_of(test::make_room());
  config.report_sequence = 4;
  config.drain = "d";
  const ConfigFacts read = config_facts(to_text(config));
  EXPECT_EQ(read.hash, config_hash(config));
  EXPECT_EQ(read.drain, "d");
  config.rooms = 100;
  const std::string text = config_text(config);
  EXPECT_EQ(text, to_text(config));
  const ConfigFacts remembered = config_facts(text);
  EXPECT_EQ(remembered, (ConfigFacts{read.hash, config.generation, 4, 100, "d"}));
  // As many others as make it forget.
  for (int i = 0; i < 600; ++i) {
    config.generation = i;
    config_text(config);
  }
  EXPECT_EQ(config_facts(text), remembered);
}

TEST(ConfigFacts, OfWhatIsNoConfigurationAreEmpty) {
  for (const char* text : {"", "{", "{}", "[]"}) EXPECT_EQ(config_facts(text), ConfigFacts{}) << text;
}

}  // namespace
}  // namespace live::controller
