// SPDX-License-Identifier: Apache-2.0
#include "controller/pod_text.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/json.hpp"
#include "controller/pod_spec.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

RecorderConfig config_of(const LiveRoom& room) {
  return make_recorder_config(room.key.ns, room.key.name, room.uid, room.generation, room.spec);
}

LiveRoom room_named(const std::string& ns, const std::string& name, const std::string& uid) {
  LiveRoom room = test::make_room();
  room.key = {ns, name};
  room.uid = uid;
  return room;
}

TEST(PodTexts, AreWhatMakePodSays) {
  const std::vector<std::function<void(LiveRoom&)>> kinds = {
      [](LiveRoom&) {},
      [](LiveRoom& r) { r.spec.storage.claim_name = "shared"; },
      [](LiveRoom& r) { r.spec.credentials_secret = "cookie"; },
      [](LiveRoom& r) { r.spec.recording.directory = "quote\" and \\ and 直播"; },
      [](LiveRoom& r) { r.spec.notifications = {{.name = "n", .url = "http://x", .secret_name = "s"}}; },
      [](LiveRoom& r) {
        r.spec.pod_template = R"({"metadata":{"annotations":{"a":"b"}},"nodeSelector":{"d":"f"}})";
      },
      [](LiveRoom& r) { r.spec.pod_template = R"({"env":[{"name":"A","value":"liveroom-hole-name"}]})"; },
  };
  Settings settings = test::make_settings();
  settings.recorder_env = {{"LIVEROOM_LIVE_API", "https://proxy"}};
  PodTexts texts(settings);
  for (int round = 0; round < 2; ++round) {
    for (const auto& kind : kinds) {
      for (const char* name : {"a", "room-2", "recorder"}) {
        LiveRoom room = room_named(round == 0 ? "rooms" : "pods", name, std::string("uid-") + name);
        kind(room);
        const RecorderConfig config = config_of(room);
        EXPECT_EQ(texts.text(room, config), dump_json(make_pod(room, settings, config)));
      }
    }
  }
}

TEST(PodTexts, AreRightAfterMoreKindsThanAreKept) {
  const Settings settings = test::make_settings();
  PodTexts texts(settings);
  for (int i = 0; i < 100; ++i) {
    LiveRoom room = room_named("rooms", "a", "u");
    room.spec.credentials_secret = "secret-" + std::to_string(i % 40);
    const RecorderConfig config = config_of(room);
    ASSERT_EQ(texts.text(room, config), dump_json(make_pod(room, settings, config)));
  }
}

}  // namespace
}  // namespace live::controller
