// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/join.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

const test::FlvItems heads = items("V1@0 A1@0");

// G: the same headers within a minute: one file, whatever the time base.
TEST(Join, GoesOnInTheSameFile) {
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems second = test::run_of({.start = 2000, .end = 4000, .first = 1000});
  test::FlvRecorder recorder;
  recorder.live_connection(heads + first, 0);
  recorder.live_connection(test::moved(heads, 70'000) + test::moved(second, 68'000), 61'000);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + first + second));
  EXPECT_EQ(recorder.sink.count(FindingKind::header_repeated), 2U);
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

TEST(Join, BeginsANewFileAfterAMinute) {
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems second = test::run_of({.end = 2000, .first = 1000});
  test::FlvRecorder recorder;
  recorder.live_connection(heads + first, 0);
  recorder.live_connection(heads + test::moved(second, 500'000), 62'100);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(recorder.files()[0].reason, CloseReason::not_joined);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), text_of(heads + first));
  EXPECT_EQ(text_of(recorder.files()[1].as_items()), text_of(heads + second));
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

TEST(Join, BeginsANewFileWithOtherHeaders) {
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems second = test::run_of({.end = 2000, .first = 1000});
  test::FlvRecorder recorder;
  recorder.live_connection(heads + first, 0);
  recorder.live_connection(items("V2@0 A1@0") + second, 5000);
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(recorder.files()[0].reason, CloseReason::codec_changed);
  EXPECT_EQ(text_of(recorder.files()[1].as_items()), text_of(items("V2@0 A1@0") + second));
}

// A pause inside one connection is no reason for a new file.
TEST(Join, LooksAtNewConnectionsOnly) {
  test::FlvRecorder recorder;
  recorder.live_connection(heads + test::run_of({.end = 2000}), 0);
  const Bytes payload = test::payload_of('P', 900);
  recorder.pipeline.push({TagType::video, 2000, payload}, 90'000);
  recorder.finish();
  EXPECT_EQ(recorder.files().size(), 1U);
}

}  // namespace
}  // namespace live::flv
