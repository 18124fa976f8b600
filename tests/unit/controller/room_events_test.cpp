// SPDX-License-Identifier: Apache-2.0
#include "controller/room_events.hpp"

#include <gtest/gtest.h>

#include "liveroom/names.hpp"
#include "objects.hpp"

namespace live::controller {
namespace {
using namespace liveroom;

struct State {
  ConditionType type;
  ConditionStatus status;
  std::string reason;
};

LiveRoom room_with(const std::vector<State>& states) {
  LiveRoom room = test::make_room();
  for (const State& state : states)
    set_condition(room.conditions,
                  {.type = state.type, .status = state.status, .reason = state.reason, .message = "words"},
                  test::wall);
  return room;
}

// "Warning NotFound" for each.
std::vector<std::string> events(const std::vector<State>& before, const std::vector<State>& after) {
  std::vector<std::string> texts;
  for (const kube::Event& event : events_of(room_with(before), room_with(after)))
    texts.push_back((event.type == kube::EventType::warning ? "Warning " : "Normal ") + event.reason);
  return texts;
}

constexpr auto yes = ConditionStatus::yes;
constexpr auto no = ConditionStatus::no;
constexpr auto unknown = ConditionStatus::unknown;
using Texts = std::vector<std::string>;

TEST(Events, ARoomThatDoesNotExist) {
  EXPECT_EQ(events({}, {{ConditionType::room_found, no, "NotFound"}}), Texts{"Warning NotFound"});
  EXPECT_EQ(
      events({{ConditionType::room_found, no, "NotFound"}}, {{ConditionType::room_found, no, "NotFound"}}),
      Texts{});
  EXPECT_EQ(
      events({{ConditionType::room_found, no, "NotFound"}}, {{ConditionType::room_found, yes, "Found"}}),
      Texts{"Normal Found"});
}

TEST(Events, ARoomThatDoesNotExistIsToldOnce) {
  EXPECT_EQ(events({}, {{ConditionType::room_found, no, "NotFound"},
                        {ConditionType::live, no, "NotFound"},
                        {ConditionType::recording, no, "NotFound"}}),
            Texts{"Warning NotFound"});
}

TEST(Events, ABeginningAndAnEndSayWhereTheFilesAreNamed) {
  LiveRoom idle = test::make_room();
  set_condition(idle.conditions, {.type = ConditionType::recording, .status = no, .reason = "NotLive"},
                test::wall);
  LiveRoom busy = test::make_room();
  set_condition(busy.conditions, {.type = ConditionType::recording, .status = yes, .reason = "Recording"},
                test::wall);
  ASSERT_EQ(events_of(idle, busy).size(), 1U);
  EXPECT_EQ(events_of(idle, busy)[0].note, "status.recording names the file");
  ASSERT_EQ(events_of(busy, idle).size(), 1U);
  EXPECT_EQ(events_of(busy, idle)[0].note, "NotLive: the show is over; status.lastRecording names its files");
}

TEST(Events, ANormalBeginningIsSilent) {
  EXPECT_EQ(events({}, {{ConditionType::ready, no, "PodPending"},
                        {ConditionType::storage_ready, no, "ClaimPending"},
                        {ConditionType::up_to_date, yes, "UpToDate"},
                        {ConditionType::suspended, no, "NotSuspended"}}),
            Texts{});
  EXPECT_EQ(
      events({{ConditionType::ready, no, "PodPending"}}, {{ConditionType::ready, yes, "Ready"},
                                                          {ConditionType::room_found, yes, "Found"},
                                                          {ConditionType::live, no, "Offline"},
                                                          {ConditionType::recording, no, "NotLive"},
                                                          {ConditionType::storage_writable, yes, "Writable"},
                                                          {ConditionType::authenticated, no, "Guest"},
                                                          {ConditionType::throttled, no, "NotThrottled"}}),
      Texts{});
}

TEST(Events, ARecordingBeginsAndEnds) {
  const std::vector<State> idle = {{ConditionType::recording, no, "NotLive"}};
  const std::vector<State> busy = {{ConditionType::recording, yes, "Recording"}};
  EXPECT_EQ(events(idle, busy), Texts{"Normal RecordingStarted"});
  EXPECT_EQ(events(busy, idle), Texts{"Normal RecordingEnded"});
  EXPECT_EQ(events(busy, {{ConditionType::recording, unknown, "RecorderAbsent"}}),
            Texts{"Warning RecorderAbsent"});
  EXPECT_EQ(events(idle, {{ConditionType::recording, unknown, "RecorderAbsent"}}), Texts{});
  EXPECT_EQ(events(idle, {{ConditionType::recording, no, "NoStream"}}), Texts{"Warning NoStream"});
  EXPECT_EQ(events(idle, {{ConditionType::recording, no, "Connecting"}}), Texts{});
}

TEST(Events, ARefusalIsToldOnce) {
  const std::vector<State> before = {{ConditionType::ready, no, "PodPending"}};
  EXPECT_EQ(events(before, {{ConditionType::ready, no, "QuotaExceeded"}}), Texts{"Warning QuotaExceeded"});
  // The claim's refusal makes Ready false too, by another reason.
  EXPECT_EQ(events(before, {{ConditionType::ready, no, "StorageNotReady"},
                            {ConditionType::storage_ready, no, "QuotaExceeded"}}),
            Texts{"Warning QuotaExceeded"});
  EXPECT_EQ(events(before, {{ConditionType::ready, no, "DirectoryInUse"},
                            {ConditionType::storage_writable, no, "DirectoryInUse"}}),
            Texts{"Warning DirectoryInUse"});
  EXPECT_EQ(events(before,
                   {{ConditionType::ready, no, "RoomNotFound"}, {ConditionType::room_found, no, "NotFound"}}),
            Texts{"Warning NotFound"});
}

TEST(Events, Others) {
  EXPECT_EQ(events({}, {{ConditionType::ready, yes, "DuplicateRoom"}}), Texts{"Warning DuplicateRoom"});
  EXPECT_EQ(events({}, {{ConditionType::throttled, yes, "RateLimited"}}), Texts{"Warning RateLimited"});
  EXPECT_EQ(events({{ConditionType::throttled, yes, "RateLimited"}},
                   {{ConditionType::throttled, no, "NotThrottled"}}),
            Texts{"Normal NotThrottled"});
  EXPECT_EQ(events({{ConditionType::storage_ready, yes, "Bound"}},
                   {{ConditionType::storage_ready, yes, "ResizeRefused"}}),
            Texts{"Warning ResizeRefused"});
  EXPECT_EQ(events({}, {{ConditionType::authenticated, no, "CookieInvalid"}}),
            Texts{"Warning CookieInvalid"});
  EXPECT_EQ(events({{ConditionType::ready, yes, "Ready"}}, {{ConditionType::ready, no, "Suspended"}}),
            Texts{});
}

TEST(Events, SayWhatTheConditionSays) {
  const auto list = events_of(room_with({}), room_with({{ConditionType::room_found, no, "NotFound"}}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].note, "words");
  EXPECT_EQ(list[0].action, "FindRoom");
  EXPECT_EQ(list[0].regarding.kind, "LiveRoom");
  EXPECT_EQ(list[0].regarding.key.text(), "rooms/a");
  EXPECT_EQ(list[0].regarding.uid, "uid-a");
}

TEST(Events, AnUpdateIsNewsOnlyWhenItFails) {
  LiveRoom before = test::make_room();
  LiveRoom after = before;
  const auto set = [](LiveRoom& room, ConditionStatus status, std::string_view why) {
    set_condition(room.conditions,
                  {.type = ConditionType::up_to_date, .status = status, .reason = std::string(why)},
                  test::wall);
  };
  set(before, ConditionStatus::yes, reason::up_to_date);
  set(after, ConditionStatus::no, reason::image_changed);
  EXPECT_TRUE(events_of(before, after).empty());
  set(after, ConditionStatus::no, reason::image_pull_failed);
  ASSERT_EQ(events_of(before, after).size(), 1u);
  EXPECT_EQ(events_of(before, after)[0].reason, "ImagePullFailed");
  EXPECT_TRUE(events_of(after, before).empty());
}

TEST(Events, AnotherLiveRoomOfTheSameNameIsNoChange) {
  LiveRoom after = room_with({{ConditionType::room_found, no, "NotFound"}});
  after.uid = "another";
  EXPECT_TRUE(events_of(room_with({}), after).empty());
}

}  // namespace
}  // namespace live::controller
