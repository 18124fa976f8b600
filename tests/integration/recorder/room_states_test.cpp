// SPDX-License-Identifier: Apache-2.0
// What a room does that is no plain show from LIVE to PREPARING, end to end: each is noticed, and each has
// its reason.
#include "base/file_text.hpp"
#include "integration/recorder/recorder_on_site.hpp"

namespace live::recorder {
namespace {

using liveroom::ConditionStatus;
using liveroom::ConditionType;
using std::chrono::minutes;
namespace reason = liveroom::reason;

class RoomStates : public test::RecorderOnSite {
 protected:
  RoomStates() { config.transport.poll_interval_seconds = 1; }  // in fact each 5 s: the least
  void await_live_reason(std::string_view wanted) {
    loop.run_until([&] { return condition(ConditionType::live).reason == wanted; });
    EXPECT_EQ(condition(ConditionType::live).status,
              wanted == reason::live ? ConditionStatus::yes : ConditionStatus::no);
  }
  void await_media() {
    loop.run_until(
        [this] { return board.status().recording && board.status().recording->size_bytes > 1000; });
  }
  void await_end() {
    loop.run_until([this] { return !board.status().recording && board.status().last_recording; });
  }
  // Of the recordings whose description is there, by the names of their files.
  std::vector<std::string> sessions() const {
    std::vector<std::string> list;
    for (const std::string& name : files(".json")) {
      if (name.ends_with(".part.json")) continue;
      const Json json = parse_json(read_file(volume.path() + "/room/" + name).value());
      list.push_back(json_string(json_at(json, "/session")).value_or(""));
    }
    return list;
  }
  // A show begins that we may not see: the reason is there, and no file.
  void expect_refused(const Json& change, std::string_view recording, std::string_view live) {
    start();
    command("change", change);
    command("live");
    loop.run_until([&] { return recording_reason() == recording; });
    await_live_reason(live);
    EXPECT_TRUE(files(".flv").empty());
    EXPECT_TRUE(files(".part").empty());
  }
};

TEST_F(RoomStates, AMissingLiveIsFoundByAPoll) {
  start();
  command("live", {{"messages", false}});
  await_live_reason(reason::live);
  await_media();
}

TEST_F(RoomStates, AMissingPreparingIsFoundByAPoll) {
  start();
  command("live", {{"messages", false}});  // after a LIVE the answers are believed half a minute later
  await_media();
  command("stop", {{"messages", false}, {"drainSeconds", 0}});
  await_live_reason(reason::offline);
  await_end();
  EXPECT_EQ(board.status().last_recording->end_reason, "ShowOver");
  EXPECT_EQ(files(".flv"), std::vector<std::string>{"1.flv"});
}

TEST_F(RoomStates, AShowThatFlickersIsOneRecordingInParts) {
  start();
  command("live");
  await_media();
  command("stop", {{"drainSeconds", 0}});
  await_end();
  command("live", {{"sameShow", true}});
  await_media();
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return sessions().size() == 2; });
  EXPECT_EQ(files(".flv"), (std::vector<std::string>{"1.flv", "2.flv"}));
  EXPECT_EQ(sessions()[0], sessions()[1]);
}

TEST_F(RoomStates, AnotherShowIsAnotherRecording) {
  start();
  command("live");
  await_media();
  command("stop", {{"drainSeconds", 0}});
  await_end();
  command("live");
  await_media();
  command("stop", {{"drainSeconds", 0}});
  loop.run_until([this] { return sessions().size() == 2; });
  EXPECT_NE(sessions()[0], sessions()[1]);
}

TEST_F(RoomStates, ReplaysInTurnAreNoShow) {
  start();
  command("live");
  await_media();
  command("stop", {{"rotation", true}, {"drainSeconds", 0}});
  await_end();
  await_live_reason(reason::rotation);
  EXPECT_EQ(recording_reason(), reason::not_live);
  EXPECT_EQ(files(".flv"), std::vector<std::string>{"1.flv"});
}

TEST_F(RoomStates, ModeratorsEndAShow) {
  start();
  command("live");
  await_media();
  command("cutoff", {{"text", "违规"}});
  await_end();
  await_live_reason("CutOff");
  EXPECT_EQ(condition(ConditionType::live).message, "违规");
}

TEST_F(RoomStates, ALockedRoomIsNotRecorded) {
  expect_refused({{"locked", true}}, reason::room_locked, "Locked");
}

TEST_F(RoomStates, AHiddenRoomIsNotRecorded) {
  expect_refused({{"hidden", true}}, reason::room_hidden, "Hidden");
}

TEST_F(RoomStates, AnEncryptedRoomIsNotRecorded) {
  expect_refused({{"encrypted", true}}, reason::room_encrypted, "Encrypted");
}

TEST_F(RoomStates, AShowForThoseWhoPaidIsNotRecorded) {
  // The answer names no stream to others.
  expect_refused({{"allSpecialTypes", {1}}, {"formats", {"fmp4"}}, {"fmp4DelaySeconds", 3600}}, "Paid",
                 "Paid");
}

TEST_F(RoomStates, AProtectedShowIsNotRecorded) {
  expect_refused({{"allSpecialTypes", {203}}}, "Drm", "Drm");
}

TEST_F(RoomStates, AShowThatIsNotForThisRegionIsNotRecorded) {
  start();
  command("faults", {{"api", {{{"endpoint", "getRoomPlayInfo"}, {"count", -1}, {"code", 60005}}}}});
  command("live");
  loop.run_until([&] { return recording_reason() == "RegionBlocked"; });
  await_live_reason("RegionBlocked");
  EXPECT_TRUE(files(".flv").empty());
}

TEST_F(RoomStates, ARoomThatIsDeletedIsGoneUntilItComesBack) {
  start();
  simulator::Room& room = *site->world().find_room(room_id);
  room.gone = true;
  loop.run_until([this] { return condition(ConditionType::room_found).status == ConditionStatus::no; });
  EXPECT_EQ(condition(ConditionType::room_found).reason, reason::not_found);
  loop.run_until([this] { return recording_reason() == reason::not_found; });
  room.gone = false;
  clock.skip(minutes(20));  // what is not there is asked for seldom
  loop.run_until([this] { return condition(ConditionType::room_found).status == ConditionStatus::yes; });
  await_live_reason(reason::offline);
}

}  // namespace
}  // namespace live::recorder
