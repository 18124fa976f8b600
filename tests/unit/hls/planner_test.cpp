// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/planner.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "stream.hpp"

namespace live::hls {
namespace {

// A server that answers at once, as far as the test lets it.
class PlannerTest : public ::testing::Test {
 protected:
  Planner planner;
  std::int64_t now = 1000;
  MediaPlaylist playlist;
  std::vector<std::string> log;  // what was done, in order
  std::vector<SegmentId> fetching;
  std::optional<EndReason> ended;
  std::vector<Deliver> delivered;

  void SetUp() override {
    playlist.target_ms = 1000;
    playlist.maps = {"init.m4s"};
    planner.connection_started(now);
  }
  void window(std::uint64_t first, std::uint64_t count, const std::string& prefix = "") {
    playlist.segments.clear();
    for (std::uint64_t number = first; number < first + count; ++number) {
      PlaylistSegment segment;
      segment.number = number;
      segment.uri = fmt::format("{}{}.m4s", prefix, number);
      segment.duration_ms = 1000;
      segment.map = playlist.maps.size() - 1;
      playlist.segments.push_back(segment);
    }
  }
  // Everything that is to be done now; fetches wait for an answer.
  void step() {
    while (std::optional<Action> action = planner.next(now)) {
      if (std::holds_alternative<FetchPlaylist>(*action)) {
        log.push_back("playlist");
        planner.playlist_arrived(now, playlist);
      } else if (const auto* init = std::get_if<FetchInit>(&*action)) {
        log.push_back("init " + init->uri);
        if (answer_init) planner.init_arrived(now, init->uri, test::stream_init());
      } else if (const auto* segment = std::get_if<FetchSegment>(&*action)) {
        log.push_back(fmt::format("get {}", segment->id.number));
        fetching.push_back(segment->id);
        largest = segment->max_bytes;
      } else if (auto* delivery = std::get_if<Deliver>(&*action)) {
        log.push_back(fmt::format("take {}", delivery->id.number));
        delivered.push_back(std::move(*delivery));
      } else if (const auto* lost = std::get_if<Lost>(&*action)) {
        log.push_back(
            fmt::format("lost {} {} {}", lost->segments, static_cast<int>(lost->reason), lost->estimated_ms));
      } else {
        ended = std::get<End>(*action).reason;
        return;
      }
    }
  }
  void answer(std::uint64_t number, std::string body = "media") {
    const auto at = std::find_if(fetching.begin(), fetching.end(),
                                 [number](const SegmentId& id) { return id.number == number; });
    ASSERT_NE(at, fetching.end()) << number;
    const SegmentId id = *at;
    fetching.erase(at);
    planner.segment_arrived(now, id, std::move(body));
  }
  void refuse(std::uint64_t number, FetchFailure failure = FetchFailure::refused) {
    const auto at = std::find_if(fetching.begin(), fetching.end(),
                                 [number](const SegmentId& id) { return id.number == number; });
    ASSERT_NE(at, fetching.end()) << number;
    const SegmentId id = *at;
    fetching.erase(at);
    planner.segment_failed(now, id, failure);
  }
  void answer_all() {
    while (!fetching.empty()) {
      answer(fetching.front().number);
      step();
    }
  }
  std::vector<std::string> taken() {
    std::vector<std::string> list;
    for (const std::string& line : log)
      if (line.starts_with("take") || line.starts_with("lost")) list.push_back(line);
    return list;
  }

  bool answer_init = true;
  std::size_t largest = 0;
};

using Lines = std::vector<std::string>;

TEST_F(PlannerTest, ThreeAtATimeAndDeliveredInOrder) {
  window(10, 5);
  step();
  EXPECT_EQ(log, (Lines{"playlist", "init init.m4s", "get 10", "get 11", "get 12"}));
  answer(12);
  answer(11);
  step();
  EXPECT_EQ(taken(), Lines{});
  EXPECT_EQ(planner.held_bytes(), 10u);
  answer(10);
  step();
  EXPECT_EQ(taken(), (Lines{"take 10", "take 11", "take 12"}));
  answer_all();
  EXPECT_EQ(taken(), (Lines{"take 10", "take 11", "take 12", "take 13", "take 14"}));
  EXPECT_EQ(planner.held_bytes(), 0u);
  EXPECT_EQ(delivered[0].input.duration_ms, 1000);
  EXPECT_EQ(delivered[0].body, "media");
  EXPECT_EQ(delivered[0].input.init->tracks.size(), 2u);
  EXPECT_FALSE(delivered[0].input.new_timeline);
}

TEST_F(PlannerTest, PollsWithTheTargetAndFasterWhenNothingIsNew) {
  playlist.target_ms = 4000;
  window(0, 2);
  for (PlaylistSegment& segment : playlist.segments) segment.duration_ms = 4000;
  step();
  answer_all();
  EXPECT_EQ(planner.wake_at(), now + 4000);
  now += 4000;
  step();
  EXPECT_EQ(planner.wake_at(), now + 2000);
  now += 2000;
  window(0, 3);
  playlist.segments.back().duration_ms = 170;  // a short one: the next comes soon
  step();
  answer_all();
  EXPECT_EQ(planner.wake_at(), now + Planner::least_poll_ms);
}

TEST_F(PlannerTest, AWindowThatMovedOnIsALossOfSoMany) {
  window(10, 3);
  step();
  answer_all();
  now += 1000;
  window(18, 3);
  step();
  answer_all();
  EXPECT_EQ(taken(),
            (Lines{"take 10", "take 11", "take 12", "lost 5 2 5000", "take 18", "take 19", "take 20"}));
}

TEST_F(PlannerTest, AMissingSegmentIsTriedForFiveSecondsAndHoldsBackTheOthers) {
  window(10, 3);
  step();
  answer(11);
  answer(12);
  const std::int64_t begin = now;
  refuse(10);
  while (taken().empty()) {
    ASSERT_GT(planner.wake_at(), now);
    now = planner.wake_at();
    ASSERT_LT(now, begin + 10'000);
    window(10, 3 + static_cast<std::uint64_t>((now - begin) / 1000));
    step();
    while (!fetching.empty()) {
      const std::uint64_t number = fetching.front().number;
      number == 10 ? refuse(10) : answer(number);
      step();
    }
  }
  EXPECT_NEAR(static_cast<double>(now - begin), Planner::patience_ms, 1000);
  const Lines all = taken();
  EXPECT_EQ(Lines(all.begin(), all.begin() + 4), (Lines{"lost 1 0 1000", "take 11", "take 12", "take 13"}));
}

TEST_F(PlannerTest, OutsideOfTheWindowOneTryIsEnough) {
  window(10, 3);
  step();
  answer(11);
  answer(12);
  now += 1000;
  window(12, 3);
  step();
  refuse(10);
  step();
  EXPECT_EQ(taken(), (Lines{"lost 1 0 1000", "take 11", "take 12"}));
}

TEST_F(PlannerTest, WrongSizeOrChecksumIsFetchedAgainThreeTimes) {
  window(10, 1);
  const std::string good = "good media";
  playlist.segments[0].size = good.size();
  playlist.segments[0].crc32 = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(good.data()), good.size()));
  step();
  answer(10, "short");
  now += Planner::retry_ms;
  step();
  answer(10, "evil media");
  now += Planner::retry_ms;
  step();
  answer(10, good);
  step();
  EXPECT_EQ(taken(), Lines{"take 10"});

  window(10, 2);
  playlist.segments[0].crc32 = {};
  playlist.segments[1].size = 3;
  playlist.segments[1].crc32 = 1;
  now += 1000;
  step();
  for (int i = 0; i < Planner::damaged_tries; ++i) {
    answer(11, "xxx");
    now += Planner::retry_ms;
    step();
  }
  EXPECT_EQ(taken().back(), "lost 1 1 1000");
}

TEST_F(PlannerTest, HalfWrittenInitIsFetchedAgainAfterASecond) {
  answer_init = false;
  window(10, 1);
  step();
  answer(10);
  Bytes half = test::stream_init();
  half.resize(half.size() / 2);
  EXPECT_FALSE(planner.init_arrived(now, "init.m4s", half));
  step();
  EXPECT_EQ(std::count(log.begin(), log.end(), "init init.m4s"), 1);
  now += Planner::init_retry_ms;
  step();
  EXPECT_EQ(std::count(log.begin(), log.end(), "init init.m4s"), 2);
  EXPECT_TRUE(planner.init_arrived(now, "init.m4s", test::stream_init()));
  step();
  EXPECT_EQ(taken(), Lines{"take 10"});
}

TEST_F(PlannerTest, AnInitThatStaysUnreadableEndsTheConnectionButNotTheSegments) {
  answer_init = false;
  window(10, 1);
  step();
  answer(10);
  for (int i = 0; i < Planner::init_tries; ++i) {
    planner.init_arrived(now, "init.m4s", as_bytes("nonsense"));
    now += Planner::init_retry_ms;
    step();
  }
  EXPECT_EQ(ended, EndReason::unreadable);
  planner.connection_started(now);
  answer_init = true;
  step();
  EXPECT_EQ(taken(), Lines{"take 10"});
}

TEST_F(PlannerTest, AChangedMapIsFetchedBeforeItsFirstSegment) {
  window(10, 2);
  step();
  answer_all();
  window(10, 4);
  playlist.maps.push_back("other.m4s");
  playlist.segments[2].map = playlist.segments[3].map = 1;
  now += 1000;
  step();
  answer_all();
  EXPECT_EQ(std::count(log.begin(), log.end(), "init other.m4s"), 1);
  ASSERT_EQ(delivered.size(), 4u);
  EXPECT_EQ(delivered[0].input.init, delivered[1].input.init);
  EXPECT_NE(delivered[1].input.init, delivered[2].input.init);
}

TEST_F(PlannerTest, NumbersThatGoBackByMoreThanAWindowAreANewTimeline) {
  window(100, 6);
  step();
  answer_all();
  now += 1000;
  window(0, 2);
  step();
  answer_all();
  ASSERT_EQ(delivered.size(), 8u);
  EXPECT_TRUE(delivered[6].input.new_timeline);
  EXPECT_FALSE(delivered[7].input.new_timeline);
  EXPECT_EQ(std::count(log.begin(), log.end(), "init init.m4s"), 2);  // the address may hold another one now
}

TEST_F(PlannerTest, AStaleEdgeIsIgnored) {
  window(100, 6);
  step();
  answer_all();
  now += 1000;
  window(97, 6);
  step();
  EXPECT_EQ(delivered.size(), 6u);
  EXPECT_TRUE(fetching.empty());
}

TEST_F(PlannerTest, TheSameNumbersWithOtherNamesAreANewTimeline) {
  window(0, 4);
  step();
  answer_all();
  now += 1000;
  window(1, 2, "b");
  step();
  answer_all();
  ASSERT_EQ(delivered.size(), 6u);
  EXPECT_TRUE(delivered[4].input.new_timeline);
}

TEST_F(PlannerTest, TheFirstSegmentOfANewTimelineMayBeLost) {
  window(100, 2);
  step();
  answer_all();
  now += 1000;
  window(0, 2);
  playlist.segments[0].absent = true;
  step();
  answer_all();
  EXPECT_EQ(taken().at(2), "lost 1 0 1000");
  EXPECT_TRUE(delivered.at(2).input.new_timeline);
}

TEST_F(PlannerTest, AHugeStepIsAnotherNumberingAndNoLoss) {
  window(10, 2);
  step();
  answer_all();
  now += 1000;
  window(1'758'715'459, 2);
  step();
  answer_all();
  EXPECT_EQ(taken().size(), 4u);
  EXPECT_TRUE(delivered.at(2).input.new_timeline);
}

TEST_F(PlannerTest, WithoutNewSegmentsTheConnectionEnds) {
  window(10, 2);
  step();
  answer_all();
  const std::int64_t begin = now;
  while (!ended) {
    ASSERT_GT(planner.wake_at(), now);
    now = planner.wake_at();
    step();
  }
  EXPECT_EQ(*ended, EndReason::stalled);
  EXPECT_EQ(now - begin, 5000);
}

// A volume that took nothing for a while is no fault of the server's.
TEST_F(PlannerTest, ATimeWithoutRoomIsNoStall) {
  window(10, 2);
  step();
  answer_all();
  now += 60'000;
  planner.held_back(now);
  step();
  EXPECT_FALSE(ended);
  EXPECT_EQ(log.back(), "playlist");
}

TEST_F(PlannerTest, WhatHasComeInOrderIsGivenAfterTheEnd) {
  window(10, 3);
  step();
  answer(10);
  answer(12);
  const std::optional<Action> first = planner.ready();
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<Deliver>(*first).id.number, 10u);
  EXPECT_FALSE(planner.ready());
}

TEST_F(PlannerTest, TheEndOfThePlaylistIsTheEnd) {
  window(10, 4);
  playlist.ended = true;
  step();
  EXPECT_FALSE(ended);
  answer_all();
  EXPECT_EQ(taken().size(), 4u);
  EXPECT_EQ(ended, EndReason::finished);
}

TEST_F(PlannerTest, ARefusedPlaylistEndsAfterWhatIsOnItsWay) {
  window(10, 2);
  step();
  now += 1000;
  ASSERT_TRUE(std::holds_alternative<FetchPlaylist>(*planner.next(now)));
  planner.playlist_failed(now, FetchFailure::refused);
  step();
  EXPECT_FALSE(ended);
  answer_all();
  EXPECT_EQ(taken().size(), 2u);
  EXPECT_EQ(ended, EndReason::refused);
}

TEST_F(PlannerTest, ABrokenPlaylistRequestIsTriedAgainUnlessItIsTheFirst) {
  ASSERT_TRUE(std::holds_alternative<FetchPlaylist>(*planner.next(now)));
  planner.playlist_failed(now, FetchFailure::broken);
  step();
  EXPECT_EQ(ended, EndReason::refused);

  ended.reset();
  planner.connection_started(now);
  window(10, 2);
  step();
  answer_all();
  now += 1000;
  ASSERT_TRUE(std::holds_alternative<FetchPlaylist>(*planner.next(now)));
  planner.playlist_failed(now, FetchFailure::broken);
  step();
  EXPECT_FALSE(ended);
  EXPECT_EQ(planner.wake_at(), now + Planner::retry_ms);
}

TEST_F(PlannerTest, AnotherConnectionGoesOnWhereThisOneEnded) {
  window(10, 3);
  step();
  answer(11);
  planner.connection_started(now);
  fetching.clear();
  window(10, 4);
  step();
  answer_all();
  EXPECT_EQ(taken(), (Lines{"take 10", "take 11", "take 12", "take 13"}));
}

TEST_F(PlannerTest, MemoryIsBoundedWhateverTheServerSends) {
  window(10, 30);
  step();
  EXPECT_EQ(fetching.size(), 3u);
  // The first one does not come; others do, each as large as is let through.
  std::size_t held = 0;
  while (fetching.size() > 1) {
    answer(fetching.back().number, std::string(Planner::max_ahead_bytes, 'x'));
    held += Planner::max_ahead_bytes;
    step();
  }
  EXPECT_LE(held, Planner::max_held_bytes + 2 * Planner::max_ahead_bytes);
  EXPECT_EQ(planner.held_bytes(), held);
  EXPECT_LE(held + Planner::max_segment_bytes, std::size_t{28} << 20);
}

TEST_F(PlannerTest, WhatIsTooLargeAheadIsFetchedInItsTurn) {
  window(10, 2);
  step();
  refuse(11, FetchFailure::too_large);
  step();
  EXPECT_EQ(fetching.size(), 1u);
  answer(10);
  step();
  ASSERT_EQ(fetching.size(), 1u);
  EXPECT_EQ(largest, Planner::max_segment_bytes);
  refuse(11, FetchFailure::too_large);
  step();
  EXPECT_EQ(taken().back(), "lost 1 0 1000");
}

}  // namespace
}  // namespace live::hls
