// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "recorder/flv/codec.hpp"
#include "recorder/flv/nal_units.hpp"

namespace live::flv {
namespace {

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

struct Case {
  const char* name;
  Codec codec;
  const char* configuration;
  PictureSize size;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> list{
      {"1080p, cropped",
       Codec::avc,
       "01640028FFE1001D67640028ACD940780227E59A808080A0000003002000000791E30632C001000468EF8FCB",
       {1920, 1080}},
      {"1280 x 960",
       Codec::avc,
       "0164002AFFE1001E6764002AACCA501E0089F966A0202028000003000800000303C078C18CB001000468EFBCB0",
       {1920, 1080}},
      {"interlaced, 4:4:4",
       Codec::avc,
       "01F40020FFE1001B67F40020919B280A0177E2B011000003000100000300141F162D9601000668FBA3C44844FFF8F800",
       {1280, 718}},
      {"baseline, cropped",
       Codec::avc,
       "0142C016FFE100196742C016D900D83DE7F011000003000100000300140F162E4801000568CB83CB20",
       {852, 480}},
      {"HEVC, cropped",
       Codec::hevc,
       "01016000000090000000000078F000FCFDF8F800000F03A00001001840010C01FFFF01600000030090000003000003007895"
       "9809A10001002C420101016000000300900000030000030078A002AC80301D796566924CAF01680800000300080000030050"
       "40A2000100074401C172B46240",
       {1366, 768}},
  };
  return list;
}

TEST(ParameterSets, ReadsPictureSizes) {
  for (const Case& c : cases()) {
    const std::optional<PictureSize> size = picture_size(c.codec, from_hex(c.configuration));
    ASSERT_TRUE(size) << c.name;
    EXPECT_EQ(size->width, c.size.width) << c.name;
    EXPECT_EQ(size->height, c.size.height) << c.name;
  }
}

TEST(ParameterSets, EveryPrefixIsReadOrRefused) {
  for (const Case& c : cases()) {
    const Bytes whole = from_hex(c.configuration);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes prefix(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const std::optional<PictureSize> result = picture_size(c.codec, prefix);
      if (result) {
        EXPECT_EQ(*result, c.size) << c.name;
      }
    }
  }
}

TEST(ParameterSets, ReadsAudioFormats) {
  const auto format = [](const char* hex) { return audio_format(Codec::aac, from_hex(hex)); };
  EXPECT_EQ(format("121056E500"), (AudioFormat{44100, 2}));
  EXPECT_EQ(format("1190"), (AudioFormat{48000, 2}));
  EXPECT_EQ(format("1388"), (AudioFormat{22050, 1}));
  EXPECT_EQ(format("1780BB8010"), (AudioFormat{96000, 2}));  // explicit rate 0x017700
  EXPECT_FALSE(format(""));
  EXPECT_FALSE(format("17"));
  EXPECT_FALSE(format("1690"));  // reserved rate
  EXPECT_FALSE(audio_format(Codec::mp3, from_hex("1210")));
}

TEST(NalUnits, WalksByLength) {
  const Bytes data = from_hex(
      "000000026742"
      "0000000168"
      "0000000365AABB");
  NalUnits units(Codec::avc, data, 4);
  EXPECT_EQ(units.next()->type, 7);
  EXPECT_EQ(units.next()->type, 8);
  const std::optional<NalUnit> last = units.next();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->type, 5);
  EXPECT_EQ(last->bytes.size(), 3U);
  EXPECT_FALSE(units.next());
  EXPECT_TRUE(units.well_formed());
  EXPECT_TRUE(has_parameter_sets(Codec::avc, data, 4));
  EXPECT_FALSE(has_parameter_sets(Codec::avc, ByteView(data).subspan(6), 4));
}

TEST(NalUnits, StopsAtLengthsThatMakeNoSense) {
  for (const char* hex : {"00000009674200", "0000", "00000000"}) {
    const Bytes data = from_hex(hex);
    NalUnits units(Codec::avc, data, 4);
    EXPECT_FALSE(units.next()) << hex;
    EXPECT_FALSE(units.well_formed()) << hex;
  }
}

TEST(NalUnits, ReadsTheLengthSize) {
  EXPECT_EQ(nal_length_size(Codec::avc, from_hex("01640028FD")), 2U);
  EXPECT_EQ(nal_length_size(Codec::avc, from_hex("0164")), 4U);
  EXPECT_EQ(nal_length_size(Codec::aac, from_hex("1210")), 4U);
}

}  // namespace
}  // namespace live::flv
