// SPDX-License-Identifier: Apache-2.0
#include "recorder/probe.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::recorder {
namespace {

using namespace bilibili;

ProbeAnswers room(LiveStatus status) {
  ProbeAnswers answers;
  answers.init.emplace();
  answers.init->room_id = 23058;
  answers.init->short_id = 3;
  answers.init->status = status;
  answers.status.emplace();
  answers.status->status = status;
  answers.status->room.title = "title";
  return answers;
}

TEST(ProbeTest, AnOpenRoomIsRecordableLiveOrNot) {
  EXPECT_TRUE(judge(room(LiveStatus::idle)).recordable);
  EXPECT_EQ(judge(room(LiveStatus::idle)).reason, "Offline");
  EXPECT_EQ(judge(room(LiveStatus::rotation)).reason, "Rotation");
  ProbeAnswers live = room(LiveStatus::live);
  live.stream.emplace();
  live.stream->outcome = ChosenStream();
  EXPECT_TRUE(judge(live).recordable);
  EXPECT_EQ(judge(live).reason, "Live");
}

TEST(ProbeTest, SaysWhatStandsInTheWay) {
  const auto closed = [](RoomAccess access) {
    ProbeAnswers answers = room(LiveStatus::live);
    answers.init->access = access;
    return judge(answers);
  };
  EXPECT_EQ(closed({.hidden = true}).reason, "Hidden");
  EXPECT_EQ(closed({.locked = true}).reason, "Locked");
  EXPECT_EQ(closed({.encrypted = true}).reason, "Encrypted");
  EXPECT_FALSE(closed({.encrypted = true}).recordable);
  ProbeAnswers paid = room(LiveStatus::live);
  paid.stream.emplace();
  paid.stream->outcome = Refusal{RefusalReason::drm, "encrypted for players"};
  EXPECT_FALSE(judge(paid).recordable);
  EXPECT_TRUE(judge(paid).known);
  EXPECT_EQ(judge(paid).detail, "encrypted for players");
}

TEST(ProbeTest, ErrorsAboutTheRoomAreAnswersAndOthersAreNot) {
  ProbeAnswers answers;
  answers.error = ApiError{60004, "no such room", ErrorKind::not_found};
  EXPECT_EQ(judge(answers).reason, "NotFound");
  EXPECT_TRUE(judge(answers).known);
  answers.error = ApiError{60005, "region", ErrorKind::region_blocked};
  EXPECT_EQ(judge(answers).reason, "RegionBlocked");
  answers.error = ApiError{0, "timeout", ErrorKind::transient};
  EXPECT_FALSE(judge(answers).known);
}

TEST(ProbeTest, ShowsATitleInOneLineThatATerminalObeysNothingOf) {
  ProbeAnswers answers = room(LiveStatus::idle);
  answers.status->room.title =
      "a\x1b[2Jb\nc\xC2\x9B"
      "d \u7247\x7F";
  const std::string text = probe_text(3, answers);
  EXPECT_NE(text.find("title       a?[2Jb?c?d \u7247?\n"), std::string::npos) << text;
}

TEST(ProbeTest, ShowsHostsButNoSignedAddresses) {
  ProbeAnswers live = room(LiveStatus::live);
  live.logged_in = true;
  live.stream.emplace();
  live.stream->info.emplace();
  StreamEntry entry;
  entry.current_qn = 10000;
  entry.accept_qn = {10000, 250};
  entry.base_url = "/live.flv?";
  entry.hosts.push_back({"https://host.example", "sign=hush"});
  live.stream->info->streams.push_back(entry);
  ChosenStream chosen;
  chosen.granted_qn = 10000;
  chosen.addresses.push_back({"https://host.example/live.flv?sign=hush", "host.example", {}});
  live.stream->outcome = chosen;
  const Json json = probe_json(3, live);
  EXPECT_EQ(json["roomId"], 23058);
  EXPECT_EQ(json["recordable"], true);
  EXPECT_EQ(json["streams"][0]["hosts"][0], "https://host.example");
  EXPECT_EQ(json["chosen"]["granted"], 10000);
  const std::string text = probe_text(3, live);
  EXPECT_NE(text.find("recordable  yes: Live"), std::string::npos) << text;
  EXPECT_NE(text.find("real number 23058"), std::string::npos);
  for (const std::string& shown : {dump_json(json), text})
    EXPECT_EQ(shown.find("hush"), std::string::npos) << shown;
}

}  // namespace
}  // namespace live::recorder
