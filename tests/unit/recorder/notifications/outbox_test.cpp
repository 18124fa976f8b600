// SPDX-License-Identifier: Apache-2.0
#include "recorder/notifications/outbox.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace live::recorder {
namespace {

using liveroom::NotificationEvent;

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

Outbox::Receiver everything(std::string name) { return {std::move(name), liveroom::every_event}; }

EventLedger::State session(std::string name) {
  EventLedger::State state;
  state.session = std::move(name);
  return state;
}

// An outbox and what stands on its volume.
struct Box {
  Outbox outbox;
  std::string log;

  void receivers(std::vector<Outbox::Receiver> list) { log += outbox.set_receivers(std::move(list)); }
  void add(const std::string& body, NotificationEvent type = NotificationEvent::file_opening,
           std::int64_t when = 0) {
    log += outbox.add(type, body, at(when), session(body));
  }
  std::string next(const std::string& receiver) const {
    const OutboxEvent* event = outbox.next(receiver);
    return event == nullptr ? "" : event->body;
  }
  std::string take(const std::string& receiver) {
    const OutboxEvent* event = outbox.next(receiver);
    if (event == nullptr) return "";
    const std::string body = event->body;
    log += outbox.done(receiver, event->sequence);
    return body;
  }
  Box restarted(std::vector<Outbox::Receiver> list, Outbox::Loaded* loaded = nullptr) const {
    Box box;
    box.log = log;
    Outbox::Loaded read = box.outbox.load(log);
    if (read.ends_torn) box.log += "\n";
    if (loaded != nullptr) *loaded = read;
    box.receivers(std::move(list));
    return box;
  }
};

TEST(Outbox, EachReceiverGetsEverythingInOrderAtItsOwnPace) {
  Box box;
  box.receivers({everything("a"), everything("b")});
  for (const char* body : {"1", "2", "3"}) box.add(body);
  EXPECT_EQ(box.take("a"), "1");
  EXPECT_EQ(box.take("a"), "2");
  EXPECT_EQ(box.next("a"), "3");
  EXPECT_EQ(box.next("b"), "1");
  EXPECT_EQ(box.outbox.pending("b"), 3u);
  EXPECT_EQ(box.outbox.size(), 3u);
  for (const char* body : {"1", "2", "3"}) EXPECT_EQ(box.take("b"), body);
  EXPECT_EQ(box.take("a"), "3");
  EXPECT_EQ(box.outbox.size(), 0u);
  EXPECT_EQ(box.outbox.bytes(), 0u);
  EXPECT_EQ(box.next("nobody"), "");
}

TEST(Outbox, AFilterLeavesOutWhatIsNotWanted) {
  Box box;
  box.receivers({{"a", {NotificationEvent::file_closed}}});
  box.add("open", NotificationEvent::file_opening);
  EXPECT_EQ(box.outbox.size(), 0u);
  box.add("closed", NotificationEvent::file_closed);
  box.add("ended", NotificationEvent::session_ended);
  EXPECT_EQ(box.take("a"), "closed");
  EXPECT_EQ(box.next("a"), "");
  EXPECT_EQ(box.outbox.size(), 0u);
}

TEST(Outbox, ARestartGoesOnWhereEachReceiverWas) {
  Box box;
  box.receivers({everything("a"), everything("b")});
  for (const char* body : {"1", "2", "3"}) box.add(body);
  box.take("a");
  box.take("a");
  Outbox::Loaded loaded;
  Box next = box.restarted({everything("a"), everything("b"), everything("new")}, &loaded);
  EXPECT_EQ(loaded.ledger, session("3"));
  EXPECT_EQ(loaded.damaged, 0u);
  EXPECT_EQ(next.next("a"), "3");
  EXPECT_EQ(next.next("b"), "1");
  EXPECT_EQ(next.next("new"), "");
  next.add("4");
  EXPECT_EQ(next.next("new"), "4");
  EXPECT_EQ(next.take("a"), "3");
  EXPECT_EQ(next.take("a"), "4");
}

TEST(Outbox, AReceiverThatCameAndWentStartsAnew) {
  Box box;
  box.receivers({everything("a")});
  box.add("1");
  box.receivers({});
  EXPECT_EQ(box.outbox.size(), 0u);
  box.add("2");
  box.receivers({everything("a")});
  EXPECT_EQ(box.next("a"), "");
  box.add("3");
  EXPECT_EQ(box.next("a"), "3");
}

TEST(Outbox, WithoutReceiversNothingIsKept) {
  Box box;
  box.receivers({});
  box.add("1");
  EXPECT_EQ(box.log, "");
  EXPECT_EQ(box.outbox.size(), 0u);
}

TEST(Outbox, TheOldestGoFirstAtTheLimitAndAreCounted) {
  Box box;
  box.receivers({everything("a"), {"b", {NotificationEvent::file_closed}}});
  for (std::size_t i = 0; i < Outbox::max_events + 5; ++i)
    box.outbox.add(NotificationEvent::file_opening, std::to_string(i), at(0), {});
  EXPECT_EQ(box.outbox.size(), Outbox::max_events);
  EXPECT_EQ(box.outbox.dropped("a"), 5u);
  EXPECT_EQ(box.outbox.dropped("b"), 0u);
  EXPECT_EQ(box.next("a"), "5");
}

TEST(Outbox, WhatIsAWeekOldGoesAndIsCounted) {
  Box box;
  box.receivers({everything("a")});
  box.add("old", NotificationEvent::file_opening, 0);
  box.add("new", NotificationEvent::file_opening, 3600);
  constexpr std::int64_t week = 7 * 24 * 3600;
  box.outbox.expire(at(week));
  EXPECT_EQ(box.next("a"), "old");
  box.outbox.expire(at(week + 1));
  EXPECT_EQ(box.next("a"), "new");
  EXPECT_EQ(box.outbox.dropped("a"), 1u);
}

TEST(Outbox, ACompactedLogSaysTheSame) {
  Box box;
  box.receivers({everything("a"), everything("b")});
  for (int i = 0; i < 50; ++i) box.add(std::to_string(i));
  for (int i = 0; i < 50; ++i) box.take("a");
  for (int i = 0; i < 45; ++i) box.take("b");
  const std::size_t before = box.log.size();
  box.log = box.outbox.compacted(session("now"));
  EXPECT_LT(box.log.size() * 4, before);
  Outbox::Loaded loaded;
  Box next = box.restarted({everything("a"), everything("b")}, &loaded);
  EXPECT_EQ(loaded.ledger, session("now"));
  EXPECT_EQ(next.next("a"), "");
  EXPECT_EQ(next.next("b"), "45");
  next.add("50");
  EXPECT_EQ(next.next("a"), "50");
  for (int i = 45; i <= 50; ++i) EXPECT_EQ(next.take("b"), std::to_string(i));
}

TEST(Outbox, AnEmptyCompactedLogKeepsTheNumbersRising) {
  Box box;
  box.receivers({everything("a")});
  box.add("1");
  box.take("a");
  box.log = box.outbox.compacted({});
  Box next = box.restarted({everything("a")});
  next.add("2");
  EXPECT_EQ(next.next("a"), "2");
}

// Whatever the volume makes of the log: nothing crashes, order stands, and a damaged line costs itself alone.
TEST(Outbox, DamageCostsTheDamagedLineAlone) {
  Box box;
  box.receivers({everything("a")});
  for (const char* body : {"1", "2", "3"}) box.add(body);
  const std::size_t second = box.log.find("\"2\"");
  ASSERT_NE(second, std::string::npos);
  box.log[second + 1] = 'x';
  Outbox::Loaded loaded;
  Box next = box.restarted({everything("a")}, &loaded);
  EXPECT_EQ(loaded.damaged, 1u);
  EXPECT_EQ(next.take("a"), "1");
  EXPECT_EQ(next.take("a"), "3");
}

TEST(Outbox, EveryCutOfTheLogGivesABeginningOfIt) {
  Box box;
  box.receivers({everything("a")});
  for (const char* body : {"1", "2", "3"}) box.add(body);
  box.take("a");
  for (std::size_t size = 0; size <= box.log.size(); ++size) {
    Box cut;
    cut.log = box.log.substr(0, size);
    Box next = cut.restarted({everything("a")});
    next.add("new");
    Box again = next.restarted({everything("a")});
    std::string got;
    while (again.outbox.next("a") != nullptr) got += again.take("a") + " ";
    EXPECT_TRUE(std::string("1 2 3 new ").ends_with(got) || std::string("1 2 new ").ends_with(got) ||
                std::string("1 new ").ends_with(got))
        << size << ": " << got;
    EXPECT_TRUE(got.ends_with("new ")) << size << ": " << got;
  }
}

TEST(Outbox, RandomBytesAreNoLog) {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const auto size = random.between(0, 200);
    for (std::uint64_t i = 0; i < size; ++i) text += static_cast<char>(random.between(0, 255));
    Outbox outbox;
    outbox.load(text);
    EXPECT_EQ(outbox.size(), 0u);
  }
}

}  // namespace
}  // namespace live::recorder
