// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/in_band.hpp"

#include <gtest/gtest.h>

#include "recorder/flv/nal_units.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

struct Sets {
  Bytes sps;
  Bytes pps;
};
const Sets full_hd{from_hex("67640028ACD940780227E59A808080A0000003002000000791E30632C0"),
                   from_hex("68EF8FCB")};
const Sets small{from_hex("6742C016D900D83DE7F011000003000100000300140F162E48"), from_hex("68CB83CB20")};

Bytes configuration(const Sets& sets) {
  ByteWriter out;
  out.u8(1);
  out.bytes(ByteView(sets.sps).subspan(1, 3));
  out.u16(0xFFE1);
  out.u16(static_cast<std::uint16_t>(sets.sps.size()));
  out.bytes(sets.sps);
  out.u8(1);
  out.u16(static_cast<std::uint16_t>(sets.pps.size()));
  out.bytes(sets.pps);
  return std::move(out).take();
}

Bytes header(const Sets& sets) {
  Bytes body{0x17, 0, 0, 0, 0};
  test::append(body, configuration(sets));
  return body;
}

Bytes key_frame(const Sets& sets, int number) {
  ByteWriter out;
  out.u16(0x1701);
  out.u24(0);
  for (const Bytes& set : {sets.sps, sets.pps}) {
    out.u32(static_cast<std::uint32_t>(set.size()));
    out.bytes(set);
  }
  out.bytes(ByteView(test::payload_of('K', number)).subspan(5));
  return std::move(out).take();
}

struct Sent {
  std::int64_t time;
  Bytes payload;
};

test::CollectingSink record(const std::vector<Sent>& video) {
  Bytes bytes = test::flv_header();
  for (const Sent& one : video) test::append(bytes, test::flv_tag(TagType::video, one.time, one.payload));
  return test::record_bytes(bytes);
}

void expect_tags(const test::OutputFile& file, const std::vector<Sent>& expected) {
  ASSERT_EQ(file.tags.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(file.tags[i].time, expected[i].time) << i;
    EXPECT_EQ(file.tags[i].payload, expected[i].payload) << i;
  }
}

TEST(InBand, MakesAConfiguration) {
  const Bytes frame = key_frame(full_hd, 1);
  EXPECT_EQ(avc_configuration(ByteView(frame).subspan(5), 4), configuration(full_hd));
  EXPECT_EQ(picture_size(Codec::avc, configuration(full_hd)), (PictureSize{1920, 1080}));
  EXPECT_TRUE(avc_configuration(ByteView(test::payload_of('K', 1)).subspan(5), 4).empty());
  EXPECT_TRUE(avc_configuration(ByteView(frame).subspan(5, 20), 4).empty());
}

TEST(InBand, StandsInForAMissingHeader) {
  const test::CollectingSink output =
      record({{0, test::payload_of('P', 9)}, {40, key_frame(full_hd, 1)}, {80, test::payload_of('P', 2)}});
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(output.files[0].video_header, header(full_hd));
  expect_tags(output.files[0], {{0, key_frame(full_hd, 1)}, {40, test::payload_of('P', 2)}});
  EXPECT_EQ(output.findings_text(), "video_without_header 1");
  EXPECT_EQ(test::broken_invariants(output), "");
}

// The server goes on with the header of before; the pictures have another size.
TEST(InBand, SplitsWhereThePictureSizeChanges) {
  const test::CollectingSink output = record({{0, header(full_hd)},
                                              {0, key_frame(full_hd, 1)},
                                              {40, test::payload_of('P', 2)},
                                              {80, header(full_hd)},
                                              {80, key_frame(small, 3)},
                                              {120, test::payload_of('P', 4)},
                                              {160, header(full_hd)},
                                              {160, key_frame(small, 5)},
                                              {200, test::payload_of('P', 6)}});
  ASSERT_EQ(output.files.size(), 2U);
  EXPECT_EQ(output.files[0].video_header, header(full_hd));
  EXPECT_EQ(output.files[1].video_header, header(small));
  expect_tags(output.files[0], {{0, key_frame(full_hd, 1)}, {40, test::payload_of('P', 2)}});
  expect_tags(output.files[1], {{0, key_frame(small, 3)},
                                {40, test::payload_of('P', 4)},
                                {80, key_frame(small, 5)},
                                {120, test::payload_of('P', 6)}});
  EXPECT_EQ(output.findings_text(), "header_repeated 2, header_changed 1, picture_size_changed 1");
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(InBand, LeavesAloneWhatAgrees) {
  const test::CollectingSink output =
      record({{0, header(full_hd)}, {0, key_frame(full_hd, 1)}, {40, key_frame(full_hd, 2)}});
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(output.findings_text(), "");
}

}  // namespace
}  // namespace live::flv
