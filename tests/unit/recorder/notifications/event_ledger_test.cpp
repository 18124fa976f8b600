// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/event_ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "base/time_format.hpp"

namespace live::recorder {
namespace {

using liveroom::NotificationEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

FileFacts file_of(std::string path, int opened = 0) {
  FileFacts file;
  file.path = std::move(path);
  file.opened = at(opened);
  file.closed = at(opened + 10);
  file.bytes = 1000;
  file.duration_ms = 9500;
  return file;
}

bilibili::Show show_of(std::string key) {
  bilibili::Show show;
  show.key = std::move(key);
  return show;
}

std::vector<std::string> told(const EventLedger::Events& events) {
  std::vector<std::string> names;
  for (const EventLedger::Entry& entry : events) {
    std::string name(liveroom::to_string(entry.event.type));
    if (!entry.event.session.empty()) name += " " + entry.event.session;
    if (!entry.event.file.path.empty()) name += " " + entry.event.file.path;
    names.push_back(std::move(name));
  }
  return names;
}

TEST(EventLedger, TellsAShowFromItsBeginToItsEnd) {
  EventLedger ledger;
  EXPECT_THAT(told(ledger.stream(false, {}, {})), IsEmpty());
  const auto started = ledger.stream(true, show_of("k"), {});
  EXPECT_THAT(told(started), ElementsAre("StreamStarted"));
  EXPECT_TRUE(started[0].event.room.streaming);
  EXPECT_FALSE(started[0].event.room.recording);
  const auto opening = ledger.file_opening("s", file_of("a.flv"), {});
  EXPECT_THAT(told(opening), ElementsAre("SessionStarted s", "FileOpening s a.flv"));
  EXPECT_TRUE(opening[0].event.room.recording);
  EXPECT_THAT(told(ledger.file_closed(file_of("a.flv"), {})), ElementsAre("FileClosed s a.flv"));
  EXPECT_THAT(told(ledger.file_opening("s", file_of("b.flv", 10), {})), ElementsAre("FileOpening s b.flv"));
  EXPECT_THAT(told(ledger.file_closed(file_of("b.flv", 10), {})), ElementsAre("FileClosed s b.flv"));
  const auto ended = ledger.session_ended("s", {}, at(30));
  EXPECT_THAT(told(ended), ElementsAre("SessionEnded s"));
  EXPECT_FALSE(ended[0].event.room.recording);
  EXPECT_THAT(told(ledger.stream(false, {}, {})), ElementsAre("StreamEnded"));
  EXPECT_EQ(ledger.state(), EventLedger::State());
}

TEST(EventLedger, TellsNothingTwice) {
  EventLedger ledger;
  ledger.stream(true, show_of("k"), {});
  EXPECT_THAT(ledger.stream(true, show_of("k"), {}), IsEmpty());
  EXPECT_THAT(ledger.stream(true, show_of(""), {}), IsEmpty());  // can't be told apart
  ledger.file_opening("s", file_of("a.flv"), {});
  EXPECT_THAT(ledger.file_opening("s", file_of("a.flv"), {}), IsEmpty());
  ledger.file_closed(file_of("a.flv"), {});
  EXPECT_THAT(ledger.file_closed(file_of("a.flv"), {}), IsEmpty());
  ledger.session_ended("s", {}, at(1));
  EXPECT_THAT(ledger.session_ended("s", {}, at(1)), IsEmpty());
  EXPECT_THAT(ledger.settle({}, at(1)), IsEmpty());
}

TEST(EventLedger, AnotherShowEndsTheOneBefore) {
  EventLedger ledger;
  ledger.stream(true, show_of("k1"), {});
  EXPECT_THAT(told(ledger.stream(true, show_of("k2"), {})), ElementsAre("StreamEnded", "StreamStarted"));
}

TEST(EventLedger, AShowWhoseKeyComesLateIsTheSame) {
  EventLedger ledger;
  bilibili::Show early;
  early.start = at(0);
  ledger.stream(true, early, {});
  bilibili::Show whole = early;
  whole.key = "k";
  EXPECT_THAT(ledger.stream(true, whole, {}), IsEmpty());
  EXPECT_THAT(told(ledger.stream(true, show_of("other"), {})), ElementsAre("StreamEnded", "StreamStarted"));
}

TEST(EventLedger, ARestartInTheSameFileTellsNothing) {
  EventLedger before;
  before.stream(true, show_of("k"), {});
  before.file_opening("s", file_of("a.flv"), {});
  EventLedger after;
  after.restore(ledger_state_from_json(parse_json(dump_json(to_json(before.state())))));
  EXPECT_EQ(after.state(), before.state());
  EXPECT_THAT(after.stream(true, show_of("k"), {}), IsEmpty());
  EXPECT_THAT(after.file_opening("s", file_of("a.flv", 99), {}), IsEmpty());
  const auto closed = after.file_closed(file_of("a.flv", 99), {});
  ASSERT_THAT(told(closed), ElementsAre("FileClosed s a.flv"));
  EXPECT_EQ(closed[0].event.file.opened, at(0));  // as it was told
}

TEST(EventLedger, ARecoveredFileIsClosedInTheSessionOfBefore) {
  EventLedger ledger;
  ledger.file_opening("s", file_of("a.flv"), {});
  EXPECT_THAT(told(ledger.file_closed(file_of("a.flv"), {})), ElementsAre("FileClosed s a.flv"));
  EXPECT_THAT(told(ledger.file_opening("s", file_of("b.flv"), {})), ElementsAre("FileOpening s b.flv"));
}

TEST(EventLedger, WhatDoesNotComeBackIsSettled) {
  EventLedger ledger;
  ledger.file_opening("s", file_of("a.flv"), {});
  const auto settled = ledger.settle({}, at(50));
  ASSERT_THAT(told(settled), ElementsAre("FileClosed s a.flv", "SessionEnded s"));
  EXPECT_EQ(settled[0].event.file.bytes, 0);
  EXPECT_EQ(settled[0].event.file.closed, at(50));
}

TEST(EventLedger, AnotherSessionEndsTheOneBefore) {
  EventLedger ledger;
  ledger.file_opening("s1", file_of("a.flv"), {});
  EXPECT_THAT(
      told(ledger.file_opening("s2", file_of("b.flv"), {})),
      ElementsAre("FileClosed s1 a.flv", "SessionEnded s1", "SessionStarted s2", "FileOpening s2 b.flv"));
}

TEST(EventLedger, EachEventCarriesTheStateAfterIt) {
  EventLedger ledger;
  ledger.file_opening("s1", file_of("a.flv"), {});
  const auto events = ledger.file_opening("s2", file_of("b.flv"), {});
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].after.session, "s1");
  EXPECT_THAT(events[0].after.files, IsEmpty());
  EXPECT_EQ(events[1].after.session, "");
  EXPECT_EQ(events[2].after.session, "s2");
  EXPECT_THAT(events[2].after.files, IsEmpty());
  EXPECT_EQ(events[3].after, ledger.state());
}

TEST(EventLedger, WhileTheRoomIsNotKnownItIsAsItWasToldLast) {
  RoomFacts room;
  room.room_id = 6;
  room.title = "title";
  EventLedger before;
  before.file_opening("s", file_of("a.flv"), room);
  EventLedger after;
  after.restore(ledger_state_from_json(to_json(before.state())));
  const auto closed = after.file_closed(file_of("a.flv"), {});
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].event.room.room_id, 6);
  EXPECT_EQ(closed[0].event.room.title, "title");
}

TEST(EventLedger, AFileThatGotANumberIsTheOneThatWasOpened) {
  EventLedger ledger;
  ledger.file_opening("s", file_of("d/a.flv"), {});
  EXPECT_THAT(told(ledger.file_closed(file_of("d/a_2.flv"), {})), ElementsAre("FileClosed s d/a_2.flv"));
  EXPECT_THAT(ledger.state().files, IsEmpty());
}

TEST(EventLedger, AFileThatNobodyHeardOfIsNotClosed) {
  EventLedger ledger;
  EXPECT_THAT(ledger.file_closed(file_of("a.flv"), {}), IsEmpty());
}

TEST(EventLedger, ABrokenStateIsAnEmptyOne) {
  for (const char* text : {"null", "[]", R"({"files":7})", R"({"files":[{"path":""}]})"})
    EXPECT_EQ(ledger_state_from_json(parse_json(text)), EventLedger::State()) << text;
}

}  // namespace
}  // namespace live::recorder
