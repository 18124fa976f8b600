// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/keyframe_index.hpp"

#include <gtest/gtest.h>

#include "recorder/flv/amf.hpp"

namespace live::flv {
namespace {

std::vector<double> numbers(const amf::Object& object, const char* key) {
  std::vector<double> result;
  const amf::Value* value = object.find(key);
  if (value == nullptr || value->array() == nullptr) return result;
  for (const amf::Value& item : value->array()->values) result.push_back(*item.number());
  return result;
}

TEST(KeyframeIndex, EncodesInAConstantSize) {
  KeyframeIndex index(8);
  EXPECT_EQ(index.encode().size(), KeyframeIndex::encoded_size(8));
  EXPECT_EQ(KeyframeIndex::encoded_size(KeyframeIndex::usual_capacity), 113'449U);
  index.note_header(TagType::video, 1000);
  index.note_media(TagType::video, Frame::key, 0, 1200);
  index.note_media(TagType::video, Frame::inter, 40, 1300);
  index.note_media(TagType::audio, Frame::audio, 40, 1350);
  index.note_media(TagType::video, Frame::key, 2000, 5'000'000'000);
  const Bytes encoded = index.encode();
  EXPECT_EQ(encoded.size(), KeyframeIndex::encoded_size(8));
  const auto parsed = amf::parse(encoded);
  ASSERT_TRUE(parsed);
  const amf::Object& object = *parsed->front().object();
  EXPECT_EQ(object.properties.at(0).first, "times");
  EXPECT_EQ(object.properties.at(1).first, "filepositions");
  EXPECT_EQ(object.properties.at(2).first, "spacer");
  EXPECT_EQ(numbers(object, "times"), (std::vector<double>{0, 0, 2}));
  EXPECT_EQ(numbers(object, "filepositions"), (std::vector<double>{1000, 1200, 5e9}));
}

TEST(KeyframeIndex, ThinsOutWhenFull) {
  KeyframeIndex index(6);
  index.note_header(TagType::video, 13);
  for (int i = 0; i < 100; ++i)
    index.note_media(TagType::video, Frame::key, i * 1000, 1000 + static_cast<std::uint64_t>(i));
  ASSERT_LE(index.entries().size(), 6U);
  EXPECT_EQ(index.entries().front(), (KeyframeIndex::Entry{0, 13}));
  EXPECT_EQ(index.entries()[1].time, 0);
  const std::int64_t step = index.entries()[2].time;
  for (std::size_t i = 1; i < index.entries().size(); ++i)
    EXPECT_EQ(index.entries()[i].time, static_cast<std::int64_t>(i - 1) * step);
  EXPECT_GE(index.entries().back().time + step, 99'000);
  EXPECT_EQ(index.last_key().time, 99'000);
}

TEST(KeyframeIndex, IndexesAudioWhereThereIsNoVideo) {
  KeyframeIndex index(10);
  index.note_header(TagType::audio, 13);
  for (int i = 0; i < 50; ++i)
    index.note_media(TagType::audio, Frame::audio, i * 100, 100 + static_cast<std::uint64_t>(i));
  const std::vector<KeyframeIndex::Entry> expected{{0, 13}, {0, 100}, {2000, 120}, {4000, 140}};
  EXPECT_EQ(index.entries(), expected);
}

}  // namespace
}  // namespace live::flv
