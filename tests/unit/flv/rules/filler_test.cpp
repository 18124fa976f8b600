// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/filler.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;

Bytes frame(std::initializer_list<Bytes> units) {
  ByteWriter out;
  out.u16(0x2701);
  out.u24(0);
  for (const Bytes& unit : units) {
    out.u32(static_cast<std::uint32_t>(unit.size()));
    out.bytes(unit);
  }
  return std::move(out).take();
}

const Bytes slice(300, 0x41);
const Bytes filler(2000, 0x0C);

test::CollectingSink record(const std::vector<Bytes>& frames) {
  Bytes bytes = test::flv_bytes(items("V1@0 K1@0"));
  std::int64_t time = 0;
  for (const Bytes& payload : frames) test::append(bytes, test::flv_tag(TagType::video, time += 40, payload));
  return test::record_bytes(bytes);
}

// H
TEST(Filler, IsTakenOut) {
  const test::CollectingSink output = record(
      {frame({slice, filler}), frame({filler, slice, filler, slice}), frame({filler}), frame({slice})});
  ASSERT_EQ(output.files.size(), 1U);
  const auto& tags = output.files[0].tags;
  ASSERT_EQ(tags.size(), 4U);
  EXPECT_EQ(tags[1].payload, frame({slice}));
  EXPECT_EQ(tags[2].payload, frame({slice, slice}));
  EXPECT_EQ(tags[3].payload, frame({slice}));
  EXPECT_EQ(tags[3].time, 160);
  EXPECT_EQ(output.findings_text(), "filler_removed 3");
  std::uint64_t bytes = 0;
  for (const Finding& finding : output.findings) bytes += finding.bytes;
  EXPECT_EQ(bytes, 4 * (filler.size() + 4));
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(Filler, LeavesAloneWhatItCannotRead) {
  Bytes odd = frame({slice, filler});
  odd[5] = 0xFF;  // a length beyond the end
  const test::CollectingSink output = record({odd});
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(output.files[0].tags[1].payload, odd);
  EXPECT_EQ(output.findings_text(), "");
}

}  // namespace
}  // namespace live::flv
