// SPDX-License-Identifier: Apache-2.0
#include "simulator/timeline.hpp"

#include <gtest/gtest.h>

#include "flv_builder.hpp"

namespace live::simulator {
namespace {

using test::FlvFile;

Timeline make(Bytes file) {
  auto source = FlvSource::parse(std::move(file));
  return Timeline(std::make_shared<const FlvSource>(std::move(source.value())));
}

TEST(Timeline, GoesOnOverTheEndOfTheFile) {
  const Timeline timeline = make(FlvFile::two_groups());
  std::uint64_t last_audio = 0, last_video = 0, last = 0;
  for (std::uint64_t n = 0; n < 300; ++n) {
    const TimelineTag at = timeline.tag(n);
    const SourceTag& tag = timeline.source().media()[at.index];
    EXPECT_GE(at.time_ms, last);
    last = at.time_ms;
    std::uint64_t& last_of_type = tag.type == TagType::audio ? last_audio : last_video;
    if (n > 1) {
      EXPECT_EQ(at.time_ms, last_of_type + (tag.type == TagType::audio ? 20 : 40));
    }
    last_of_type = at.time_ms;
  }
  EXPECT_EQ(timeline.tag(300).loop, 10u);
}

TEST(Timeline, WhatIsDueIsWhatHasATimeUpToNow) {
  const Timeline timeline = make(FlvFile::two_groups());
  for (std::uint64_t now = 0; now < 1300; ++now) {
    const std::uint64_t due = timeline.due(now);
    EXPECT_LE(timeline.tag(due - 1).time_ms, now);
    EXPECT_GT(timeline.tag(due).time_ms, now);
  }
}

TEST(Timeline, TheCacheBeginsAtTheLastKeyFrame) {
  const Timeline timeline = make(FlvFile::two_groups());
  EXPECT_EQ(timeline.cache_start(0), 0u);
  for (std::uint64_t due = 1; due < 200; ++due) {
    const std::uint64_t start = timeline.cache_start(due);
    EXPECT_LT(start, due);
    EXPECT_TRUE(timeline.source().media()[timeline.tag(start).index].key);
    for (std::uint64_t n = start + 1; n < due; ++n)
      EXPECT_FALSE(timeline.source().media()[timeline.tag(n).index].key);
  }
}

TEST(Timeline, ALaterRoundFindsTheKeyFrameOfTheOneBefore) {
  const Timeline timeline = make(FlvFile().inter(0).key(40).inter(80).bytes());
  EXPECT_EQ(timeline.cache_start(1), 0u);  // none yet
  EXPECT_EQ(timeline.cache_start(4), 1u);  // its first tag is due in the second round
}

TEST(Timeline, TheNextKeyFrameIsFoundOverTheEndOfTheFile) {
  const Timeline timeline = make(FlvFile().inter(0).key(40).inter(80).bytes());
  EXPECT_EQ(timeline.next_key(0), 1u);
  EXPECT_EQ(timeline.next_key(1), 1u);
  EXPECT_EQ(timeline.next_key(2), 4u);
  EXPECT_EQ(make(FlvFile().audio(0).bytes()).next_key(7), 7u);
}

TEST(Timeline, WithoutVideoItBeginsAtTheEdge) {
  const Timeline timeline = make(FlvFile().audio(0).audio(23).bytes());
  EXPECT_EQ(timeline.cache_start(17), 17u);
}

}  // namespace
}  // namespace live::simulator
