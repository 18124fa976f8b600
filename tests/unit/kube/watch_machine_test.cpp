// SPDX-License-Identifier: Apache-2.0
#include "kube/watch_machine.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace live::kube {
namespace {
using namespace std::chrono_literals;

const ApiError gone{410, "Expired", "too old resource version", {}, {}};
const ApiError expired_without_code{0, "Expired", "", {}, {}};
const ApiError too_large_version{504, "Timeout", "", {{"ResourceVersionTooLarge", "", ""}}, 1s};
const ApiError busy{429, "TooManyRequests", "", {}, 20s};
const ApiError busy_for_a_moment{429, "TooManyRequests", "storage is (re)initializing", {}, 1s};
const ApiError unavailable{503, "ServiceUnavailable", "", {}, {}};
const ApiError internal{500, "InternalError", "", {}, {}};
const ApiError not_found{404, "NotFound", "", {}, {}};
const ApiError forbidden{403, "Forbidden", "", {}, {}};

struct WatchMachineTest : testing::Test {
  Random random{7};
  bool streaming = false;
  std::optional<WatchMachine> machine;
  TimePoint now{1h};

  WatchMachineTest() { restart(); }
  void restart() { machine.emplace(WatchTimes{}, 100, streaming, random); }
  WatchAction next() { return machine->next(now); }
  ListStep expect_list() {
    const WatchAction action = next();
    EXPECT_TRUE(std::holds_alternative<ListStep>(action));
    return std::holds_alternative<ListStep>(action) ? std::get<ListStep>(action) : ListStep{};
  }
  WatchStep expect_watch() {
    const WatchAction action = next();
    EXPECT_TRUE(std::holds_alternative<WatchStep>(action));
    return std::holds_alternative<WatchStep>(action) ? std::get<WatchStep>(action) : WatchStep{};
  }
  // The length of the wait, after which the machine goes on.
  Duration expect_wait() {
    const WatchAction action = next();
    EXPECT_TRUE(std::holds_alternative<WaitStep>(action));
    if (!std::holds_alternative<WaitStep>(action)) return {};
    const Duration length = std::get<WaitStep>(action).until - now;
    now += length;
    return length;
  }
  void list_all(const std::string& version = "100") {
    expect_list();
    EXPECT_TRUE(machine->listed(version, ""));
  }
  void open() {
    expect_watch();
    machine->watch_opened(now);
  }
  void watching() {
    list_all();
    open();
  }
};

TEST_F(WatchMachineTest, ListsPageByPageThenWatchesFromTheVersionOfTheList) {
  const ListStep first = expect_list();
  EXPECT_TRUE(first.first);
  EXPECT_EQ(first.limit, 100);
  EXPECT_FALSE(machine->listed("100", "token"));
  const ListStep second = expect_list();
  EXPECT_FALSE(second.first);
  EXPECT_EQ(second.continue_token, "token");
  EXPECT_TRUE(machine->listed("100", ""));
  EXPECT_EQ(expect_watch().resource_version, "100");
}

TEST_F(WatchMachineTest, TheTimeoutIsSpreadOverItsRange) {
  list_all();
  std::chrono::seconds low = 10000s, high = 0s;
  for (int i = 0; i < 500; ++i) {
    const WatchStep step = expect_watch();
    low = std::min(low, step.timeout);
    high = std::max(high, step.timeout);
  }
  EXPECT_GE(low, 300s);
  EXPECT_LE(low, 310s);
  EXPECT_LE(high, 600s);
  EXPECT_GE(high, 590s);
}

TEST_F(WatchMachineTest, EventsAndBookmarksMoveTheVersion) {
  watching();
  EXPECT_EQ(machine->event(now, WatchEventType::added, "101"), EventVerdict::deliver);
  EXPECT_EQ(machine->event(now, WatchEventType::modified, "102"), EventVerdict::deliver);
  EXPECT_EQ(machine->event(now, WatchEventType::deleted, "103"), EventVerdict::deliver);
  EXPECT_EQ(machine->event(now, WatchEventType::bookmark, "200"), EventVerdict::advance);
  now += 5min;
  machine->stream_ended(now, StreamEnd::clean);
  EXPECT_EQ(expect_watch().resource_version, "200");
}

TEST_F(WatchMachineTest, WhatCanNotBeUsedIsSkippedAndTheStreamGoesOn) {
  watching();
  EXPECT_EQ(machine->event(now, WatchEventType::unknown, "101"), EventVerdict::skip);
  EXPECT_EQ(machine->event(now, WatchEventType::added, ""), EventVerdict::skip);
  EXPECT_EQ(machine->resource_version(), "100");
}

TEST_F(WatchMachineTest, AnEventTwiceIsHarmlessButOneOutOfOrderMeansANewList) {
  watching();
  EXPECT_EQ(machine->event(now, WatchEventType::added, "110"), EventVerdict::deliver);
  EXPECT_EQ(machine->event(now, WatchEventType::added, "110"), EventVerdict::deliver);
  EXPECT_EQ(machine->event(now, WatchEventType::modified, "109"), EventVerdict::close);
  expect_wait();
  EXPECT_TRUE(expect_list().first);
}

TEST_F(WatchMachineTest, VersionsThatAreNoNumbersAreNotCompared) {
  list_all("abc");
  open();
  EXPECT_EQ(machine->event(now, WatchEventType::added, "aaa"), EventVerdict::deliver);
}

// How a stream, a refused watch or an error event goes on: from where, and after what wait.
struct Case {
  const char* name;
  std::function<void()> happens;
  bool lists;
  Duration least_wait;  // zero: at once
  Duration longest_wait;
};

TEST_F(WatchMachineTest, EachFaultHasItsAnswer) {
  const auto refused = [this](const ApiError* error) {
    return [this, error] { machine->watch_refused(now, error); };
  };
  const auto event = [this](const ApiError& error) {
    return [this, &error] {
      machine->watch_opened(now);
      machine->error_event(now, error);
    };
  };
  const auto ends = [this](Duration after, bool with_event, StreamEnd end) {
    return [=, this] {
      machine->watch_opened(now);
      if (with_event) machine->event(now, WatchEventType::added, "101");
      now += after;
      machine->stream_ended(now, end);
    };
  };
  const Duration lo = 800ms, hi = 1600ms;
  const Case cases[] = {
      {"410 as status", refused(&gone), true, 0s, 0s},
      {"410 as event", event(gone), true, 0s, 0s},
      {"Expired without a code", event(expired_without_code), true, 0s, 0s},
      {"version too large as status", refused(&too_large_version), true, 0s, 0s},
      {"version too large as event", event(too_large_version), true, 0s, 0s},
      {"429 as status, with its Retry-After", refused(&busy), false, 20s, 20s},
      {"429 as event", event(busy), false, 20s, 20s},
      {"no connection", refused(nullptr), false, lo, hi},
      {"503 as status", refused(&unavailable), false, lo, hi},
      {"500 as status", refused(&internal), true, lo, hi},
      {"500 as event", event(internal), true, lo, hi},
      {"404 as status", refused(&not_found), true, lo, hi},
      {"403 as status", refused(&forbidden), true, lo, hi},
      {"clean end at the timeout", ends(5min, false, StreamEnd::clean), false, 0s, 0s},
      {"clean end at once, with events", ends(10ms, true, StreamEnd::clean), false, 0s, 0s},
      {"clean end at once, without events", ends(10ms, false, StreamEnd::clean), false, lo, hi},
      {"cut after a while", ends(10s, true, StreamEnd::broken), false, 0s, 0s},
      {"cut at once", ends(10ms, true, StreamEnd::broken), false, lo, hi},
      {"silent", ends(2min, false, StreamEnd::silent), true, 0s, 0s},
      {"not ended by the server", ends(11min, false, StreamEnd::overdue), false, 0s, 0s},
      {"event too large", ends(10s, true, StreamEnd::too_large), true, lo, hi},
      {"not JSON", ends(10s, true, StreamEnd::not_json), true, lo, hi},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    restart();
    list_all();
    expect_watch();
    c.happens();
    if (c.longest_wait > Duration::zero()) {
      const Duration wait = expect_wait();
      EXPECT_GE(wait, c.least_wait);
      EXPECT_LE(wait, c.longest_wait);
    }
    if (c.lists) {
      EXPECT_TRUE(expect_list().first);
    } else {
      const std::string version = expect_watch().resource_version;
      EXPECT_TRUE(version == "100" || version == "101");
    }
  }
}

TEST_F(WatchMachineTest, AServerThatAlwaysAnswers410IsNotHammered) {
  watching();
  machine->error_event(now, gone);
  list_all();
  open();
  machine->error_event(now, gone);
  EXPECT_GE(expect_wait(), 800ms);
  list_all();
  open();
  machine->error_event(now, gone);
  EXPECT_GE(expect_wait(), 1600ms);
  // A stream that worked makes the next one free again.
  list_all();
  open();
  machine->event(now, WatchEventType::bookmark, "101");
  machine->error_event(now, gone);
  expect_list();
}

TEST_F(WatchMachineTest, WaitsDoubleToACapAndStartOverAfterTwoCalmMinutes) {
  list_all();
  Duration least = 800ms;
  for (int i = 0; i < 10; ++i) {
    expect_watch();
    machine->watch_refused(now, &unavailable);
    const Duration wait = expect_wait();
    EXPECT_GE(wait, least);
    EXPECT_LE(wait, 2 * least);
    least = std::min<Duration>(30s, 2 * least);
  }
  expect_watch();
  now += 4min;
  machine->watch_refused(now, &unavailable);
  EXPECT_LE(expect_wait(), 1600ms);
}

TEST_F(WatchMachineTest, AfterAStreamThatWorkedWaitsStartOver) {
  list_all();
  for (int restart = 0; restart < 5; ++restart) {
    for (const ApiError* error : {&unavailable, &busy_for_a_moment, &unavailable}) {
      expect_watch();
      machine->watch_refused(now, error);
      EXPECT_LE(expect_wait(), 6400ms) << restart;
    }
    open();
    now += 20s;
    machine->stream_ended(now, StreamEnd::broken);
  }
  // One that breaks again and again has proved nothing.
  Duration longest{};
  for (int i = 0; i < 10; ++i) {
    open();
    now += 5s;
    machine->error_event(now, internal);
    longest = std::max(longest, expect_wait());
    list_all();
  }
  EXPECT_GE(longest, 30s);
}

TEST_F(WatchMachineTest, WhereNobodyAnswersTheNextTryIsNeverFar) {
  for (const bool listing : {true, false}) {
    restart();
    if (!listing) list_all();
    Duration longest{};
    for (int i = 0; i < 20; ++i) {
      if (listing) {
        expect_list();
        machine->list_failed(now, nullptr);
      } else {
        expect_watch();
        machine->watch_refused(now, nullptr);
      }
      longest = std::max(longest, expect_wait());
    }
    EXPECT_GE(longest, 4s);
    EXPECT_LE(longest, 8s);
    // What comes back busy is not punished for having been away.
    next();
    machine->watch_refused(now, &unavailable);
    EXPECT_LE(expect_wait(), 1600ms);
  }
}

TEST_F(WatchMachineTest, AListPageWithoutAnswerIsAskedForAgain) {
  expect_list();
  machine->listed("100", "token");
  expect_list();
  machine->list_failed(now, nullptr);
  expect_wait();
  EXPECT_EQ(expect_list().continue_token, "token");
  machine->list_failed(now, &busy);
  EXPECT_GE(expect_wait(), 20s);
  EXPECT_EQ(expect_list().continue_token, "token");
}

TEST_F(WatchMachineTest, AListThatIsRefusedStartsFromTheFirstPageAfterAWait) {
  for (const ApiError* error : {&not_found, &forbidden, &internal, &gone}) {
    expect_list();
    machine->list_failed(now, error);
    EXPECT_GE(expect_wait(), 800ms);
    EXPECT_TRUE(expect_list().first);
  }
}

TEST_F(WatchMachineTest, AnExpiredContinueTokenMeansEverythingInOnePage) {
  expect_list();
  machine->listed("100", "token");
  expect_list();
  machine->list_failed(now, &gone);
  const ListStep whole = expect_list();
  EXPECT_TRUE(whole.first);
  EXPECT_EQ(whole.limit, 0);
  EXPECT_TRUE(machine->listed("105", ""));
  EXPECT_EQ(expect_watch().resource_version, "105");
  machine->watch_refused(now, &gone);
  EXPECT_EQ(expect_list().limit, 100);
}

struct StreamingListTest : WatchMachineTest {
  StreamingListTest() {
    streaming = true;
    restart();
  }
  void expect_initial() {
    const WatchStep step = expect_watch();
    EXPECT_TRUE(step.initial_events);
    EXPECT_EQ(step.resource_version, "");
    machine->watch_opened(now);
  }
  EventVerdict event(WatchEventType type, const std::string& version, bool end = false) {
    return machine->event(now, type, version, end);
  }
  void complete(const std::string& version = "100") {
    EXPECT_EQ(event(WatchEventType::bookmark, version, true), EventVerdict::complete);
  }
};

TEST_F(StreamingListTest, TheListComesInNoOrderAndTheStreamGoesOnAsAWatch) {
  expect_initial();
  EXPECT_EQ(event(WatchEventType::added, "50"), EventVerdict::stage);
  EXPECT_EQ(event(WatchEventType::added, "7"), EventVerdict::stage);
  EXPECT_EQ(event(WatchEventType::deleted, "51"), EventVerdict::stage);
  EXPECT_EQ(event(WatchEventType::bookmark, "60"), EventVerdict::skip);  // one without the mark
  complete();
  EXPECT_EQ(machine->resource_version(), "100");
  EXPECT_EQ(event(WatchEventType::added, "101"), EventVerdict::deliver);
  // Only the first bookmark with the mark ends a list.
  EXPECT_EQ(event(WatchEventType::bookmark, "102", true), EventVerdict::advance);
  now += 5min;
  machine->stream_ended(now, StreamEnd::clean);
  const WatchStep again = expect_watch();
  EXPECT_FALSE(again.initial_events);
  EXPECT_EQ(again.resource_version, "102");
}

TEST_F(StreamingListTest, AServerThatDoesNotKnowItIsAskedOnce) {
  for (const ApiError& answer : {ApiError{422, "Invalid", "sendInitialEvents is forbidden", {}, {}},
                                 ApiError{400, "BadRequest", "", {}, {}}}) {
    restart();
    expect_watch();
    machine->watch_refused(now, &answer);
    list_all();  // at once
    EXPECT_FALSE(machine->streaming());
    EXPECT_FALSE(expect_watch().initial_events);
    machine->watch_refused(now, &gone);
    expect_list();
  }
}

TEST_F(StreamingListTest, WhatBreaksBeforeTheEndIsFollowedByOnePlainList) {
  for (const StreamEnd end : {StreamEnd::clean, StreamEnd::broken, StreamEnd::silent, StreamEnd::overdue,
                              StreamEnd::too_large, StreamEnd::not_json}) {
    restart();
    expect_initial();
    event(WatchEventType::added, "50");
    machine->stream_ended(now, end);
    list_all();
    EXPECT_TRUE(machine->streaming());
    open();
    machine->error_event(now, gone);
    expect_initial();
    complete("200");
  }
}

TEST_F(StreamingListTest, ABusyServerIsAskedForTheSameAgain) {
  for (const ApiError* answer : {&busy, &unavailable, static_cast<const ApiError*>(nullptr)}) {
    restart();
    expect_watch();
    machine->watch_refused(now, answer);
    EXPECT_GE(expect_wait(), answer == &busy ? Duration(20s) : Duration(800ms));
    expect_initial();
    machine->error_event(now, busy);
    EXPECT_GE(expect_wait(), 20s);
    expect_initial();
  }
}

TEST_F(StreamingListTest, ARefusalIsLeftToAPlainListToSay) {
  for (const ApiError& answer : {forbidden, not_found, internal, gone}) {
    restart();
    expect_watch();
    machine->watch_refused(now, &answer);
    expect_list();
    EXPECT_TRUE(machine->streaming());
  }
}

}  // namespace
}  // namespace live::kube
