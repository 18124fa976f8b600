// SPDX-License-Identifier: Apache-2.0
#include "recorder/hls/media_segment.hpp"

#include <gtest/gtest.h>

#include "recorder/hls/box.hpp"
#include "stream.hpp"

namespace live::hls {
namespace {

using test::stream_segment;

const InitSegment& init() {
  static const InitSegment parsed = parse_init(test::stream_init()).value();
  return parsed;
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

Bytes small_box(std::string_view type) {
  ByteWriter out;
  out.u32(12);
  out.text(type);
  out.u32(0);
  return std::move(out).take();
}

TEST(MediaSegment, RunsTimesAndKeyFrames) {
  for (const bool absolute : {false, true}) {
    for (const bool wide : {false, true}) {
      const Bytes bytes = stream_segment({7, 206, true, {wide, absolute}});
      const Result<MediaSegment> segment = parse_segment(bytes, init());
      ASSERT_TRUE(segment) << segment.error().message;
      ASSERT_EQ(segment->fragments.size(), 1u);
      const Fragment& fragment = segment->fragments[0];
      EXPECT_EQ(fragment.end, bytes.size());
      ASSERT_EQ(fragment.runs.size(), 2u);
      EXPECT_EQ(fragment.runs[0].decode_time, 206u * 90'000);
      EXPECT_EQ(fragment.runs[0].duration, 90'000u);
      EXPECT_EQ(fragment.runs[0].samples, 25u);
      EXPECT_EQ(fragment.runs[0].last_duration, 3600u);
      EXPECT_EQ(fragment.runs[0].wide_time, wide);
      EXPECT_TRUE(fragment.runs[0].starts_with_sync);
      EXPECT_EQ(fragment.runs[1].decode_time, 206u * 48'000);
      EXPECT_EQ(fragment.bases_at.size(), absolute ? 2u : 0u);
    }
  }
  EXPECT_FALSE(parse_segment(stream_segment({7, 1, false}), init())->fragments[0].runs[0].starts_with_sync);
}

TEST(MediaSegment, OtherBoxesStandBetweenFragmentsOnly) {
  Bytes bytes = small_box("styp");
  append(bytes, small_box("sidx"));
  append(bytes, stream_segment({1, 0}));
  append(bytes, small_box("prft"));
  append(bytes, stream_segment({2, 1, false}));
  const Result<MediaSegment> segment = parse_segment(bytes, init());
  ASSERT_TRUE(segment) << segment.error().message;
  ASSERT_EQ(segment->fragments.size(), 2u);
  EXPECT_EQ(segment->fragments[0].begin, 24u);
  EXPECT_EQ(segment->fragments[1].begin, segment->fragments[0].end + 12);

  append(bytes, small_box("moov"));
  EXPECT_FALSE(parse_segment(bytes, init()));
}

TEST(MediaSegment, AnythingHalfIsRefused) {
  const Bytes bytes = stream_segment({1, 5});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_segment(ByteView(bytes).first(size), init())) << size;
  }
  EXPECT_FALSE(parse_segment(as_bytes("<html>nothing here</html>"), init()));
}

// Every size in the headers, made larger or smaller, is noticed or harmless, but never trusted.
TEST(MediaSegment, NoLengthIsTrusted) {
  const Bytes good = stream_segment({1, 5});
  const std::size_t head = parse_segment(good, init())->fragments[0].media;
  for (std::size_t at = 0; at < head; ++at) {
    for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
      Bytes bad = good;
      bad[at] = static_cast<std::uint8_t>(value);
      const Result<MediaSegment> segment = parse_segment(bad, init());
      if (!segment) continue;
      for (const Fragment& fragment : segment->fragments) {
        EXPECT_LE(fragment.end, bad.size());
        for (const TrackRun& run : fragment.runs)
          EXPECT_LE(run.time_at + (run.wide_time ? 8 : 4), bad.size());
      }
    }
  }
}

TEST(MediaSegment, TimesAndPlacesArePatchedInPlace) {
  Bytes bytes = stream_segment({3, 206, true, {true, true}});
  const MediaSegment segment = parse_segment(bytes, init()).value();
  ASSERT_TRUE(set_decode_time(bytes, segment.fragments[0].runs[1], 12'345'678'901));
  place_fragment(bytes, segment.fragments[0], 42, 5000);
  EXPECT_EQ(load_u64(bytes.data() + segment.fragments[0].runs[1].time_at), 12'345'678'901u);
  EXPECT_EQ(load_u64(bytes.data() + segment.fragments[0].bases_at[0]), 5000u);
  EXPECT_EQ(load_u32(bytes.data() + segment.fragments[0].sequence_at), 42u);

  Bytes narrow = stream_segment({3, 206, true, {false, false}});
  const MediaSegment parsed = parse_segment(narrow, init()).value();
  EXPECT_TRUE(set_decode_time(narrow, parsed.fragments[0].runs[0], UINT32_MAX));
  EXPECT_FALSE(set_decode_time(narrow, parsed.fragments[0].runs[0], std::uint64_t{1} << 32));
  EXPECT_EQ(load_u32(narrow.data() + parsed.fragments[0].runs[0].time_at), UINT32_MAX);
}

TEST(MediaSegment, TimesOutOfReachAreRefused) {
  Bytes bytes = stream_segment({3, 206});
  const MediaSegment segment = parse_segment(bytes, init()).value();
  store_u64(bytes.data() + segment.fragments[0].runs[0].time_at, UINT64_MAX);
  EXPECT_FALSE(parse_segment(bytes, init()));
}

TEST(MediaSegment, AMoofIsReadWithoutItsMedia) {
  const Bytes bytes = stream_segment({3, 206, true, {true, true}});
  const MediaSegment segment = parse_segment(bytes, init()).value();
  const std::size_t moof = segment.fragments[0].media - 8;
  const std::size_t mdat = bytes.size() - moof;
  EXPECT_TRUE(parse_fragment(ByteView(bytes).first(moof), mdat, 0, init()));
  EXPECT_FALSE(parse_fragment(ByteView(bytes).first(moof), mdat, 1, init()));
  EXPECT_FALSE(parse_fragment(ByteView(bytes).first(moof), mdat - 1, 0, init()));
}

}  // namespace
}  // namespace live::hls
