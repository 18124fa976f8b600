// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/amf.hpp"

#include <gtest/gtest.h>

namespace live::flv::amf {
namespace {

Object object_of(std::vector<Property> properties, bool is_ecma_array) {
  Object object;
  object.properties = std::move(properties);
  object.is_ecma_array = is_ecma_array;
  return object;
}

Bytes encoded(const std::vector<Value>& values) {
  ByteWriter out;
  for (const Value& value : values) write(out, value);
  return std::move(out).take();
}

std::vector<Value> every_type() {
  StrictArray array;
  array.values = {Value(1.5), Value("x"), Value()};
  return {
      Value("onMetaData"),
      Value(object_of({{"duration", Value(12.25)},
                       {"stereo", Value(true)},
                       {"", Value("empty key")},
                       {"名前", Value("日本語 \0 text")},
                       {"nested", Value(object_of({{"a", Value(array)}, {"b", Value(Undefined{})}}, false))},
                       {"date", Value(Date{1.7e12, 480})},
                       {"reference", Value(Reference{7})},
                       {"long", Value(std::string(70'000, 'z'))}},
                      true)),
      Value()};
}

TEST(Amf, ReadsWhatItWrites) {
  const std::vector<Value> values = every_type();
  const Bytes body = encoded(values);
  const Result<std::vector<Value>> parsed = parse(body);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, values);
  EXPECT_EQ(encoded(*parsed), body);
}

TEST(Amf, SkipsWhatItWrites) {
  const Bytes body = encoded(every_type());
  ByteReader in(body);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(skip(in));
  EXPECT_EQ(in.left(), 0U);
  EXPECT_FALSE(skip(in));
}

TEST(Amf, AcceptsAMissingEndMarkerAndAWrongCount) {
  ByteWriter out;
  write(out, Value("onMetaData"));
  out.u8(8);
  out.u32(0xFFFFFFFF);
  write_key(out, "width");
  write(out, Value(1920.0));
  const Result<std::vector<Value>> parsed = parse(out.data());
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 2U);
  ASSERT_NE((*parsed)[1].object(), nullptr);
  EXPECT_EQ(*(*parsed)[1].object(), object_of({{"width", Value(1920.0)}}, true));
}

// Every prefix gives whole values only, and what an object had before it was cut off.
TEST(Amf, EveryPrefixIsReadOrRefused) {
  const Bytes body = encoded(every_type());
  for (std::size_t size = 0; size < 300; ++size) {
    const Bytes prefix(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
    const Result<std::vector<Value>> parsed = parse(prefix);
    EXPECT_EQ(parsed.has_value(), size >= 13) << size;  // the first string is whole
  }
}

TEST(Amf, RefusesUnknownTypesAndDepth) {
  EXPECT_FALSE(parse(Bytes{0x0D}));
  EXPECT_FALSE(parse(Bytes{0x02, 0, 1, 'a', 0x40}));
  Bytes deep;
  for (int i = 0; i < 40; ++i) {
    const Bytes open{0x03, 0, 1, 'k'};
    deep.insert(deep.end(), open.begin(), open.end());
  }
  EXPECT_FALSE(parse(deep));
  ByteReader in(deep);
  EXPECT_FALSE(skip(in));
}

TEST(Amf, RefusesMoreValuesThanTheLimit) {
  ByteWriter out;
  out.u8(0x0A);
  out.u32(0xFFFFFFFF);
  for (std::size_t i = 0; i <= max_values; ++i) out.u8(0x05);
  EXPECT_FALSE(parse(out.data()));
  EXPECT_FALSE(parse(Bytes(max_body_size + 1, 0x05)));
}

TEST(Amf, FindsPropertiesByName) {
  const Object object = object_of({{"a", Value(1.0)}, {"b", Value("x")}}, false);
  ASSERT_NE(object.find("b"), nullptr);
  EXPECT_EQ(*object.find("b")->text(), "x");
  EXPECT_EQ(object.find("c"), nullptr);
}

}  // namespace
}  // namespace live::flv::amf
