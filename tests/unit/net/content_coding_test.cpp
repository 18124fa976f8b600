// SPDX-License-Identifier: Apache-2.0
#include "net/content_coding.hpp"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

namespace live::net {
namespace {

Bytes deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  Bytes out(size);
  compress2(out.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(), 9);
  out.resize(size);
  return out;
}

Bytes brotlied(const std::string& text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
  Bytes out(size);
  BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                        reinterpret_cast<const std::uint8_t*>(text.data()), &size, out.data());
  out.resize(size);
  return out;
}

struct Coding {
  const char* name;
  Bytes (*pack)(const std::string&);
  Result<Bytes> (*inflate)(ByteView, std::size_t);
};

class ContentCoding : public testing::TestWithParam<Coding> {};

TEST_P(ContentCoding, GivesBackWhatWentIn) {
  std::string noise;
  for (unsigned i = 0; i < 300'000; ++i) noise += static_cast<char>(i * 2654435761U >> 13);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(4096, 'a'), std::string(1'000'000, 'b'), noise}) {
    const Bytes packed = GetParam().pack(text);
    const Result<Bytes> out = GetParam().inflate(packed, 2'000'000);
    ASSERT_TRUE(out) << out.error().message;
    EXPECT_EQ(as_text(*out), text);
  }
}

TEST_P(ContentCoding, HoldsItsCap) {
  const Bytes bomb = GetParam().pack(std::string(50'000'000, '\0'));
  EXPECT_TRUE(GetParam().inflate(bomb, 50'000'000));
  for (const std::size_t cap : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{49'999'999}}) {
    const Result<Bytes> out = GetParam().inflate(bomb, cap);
    ASSERT_FALSE(out) << cap;
    EXPECT_NE(out.error().message.find("more than"), std::string::npos) << out.error().message;
  }
  EXPECT_TRUE(GetParam().inflate(GetParam().pack(""), 0));
}

TEST_P(ContentCoding, SaysWhenDataIsCutShort) {
  const Bytes packed =
      GetParam().pack("a sentence that is long enough to be cut at many places, so it is cut");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    const Result<Bytes> out = GetParam().inflate(ByteView(packed).first(size), 1000);
    ASSERT_FALSE(out) << size;
    EXPECT_NE(out.error().message.find("cut short"), std::string::npos) << size << out.error().message;
  }
}

TEST_P(ContentCoding, SaysWhenDataIsBroken) {
  const Bytes garbage(100, 0xff);
  const Result<Bytes> out = GetParam().inflate(garbage, 1000);
  ASSERT_FALSE(out);
  EXPECT_NE(out.error().message.find("broken"), std::string::npos) << out.error().message;
}

TEST_P(ContentCoding, SurvivesAnyChangedByte) {
  const Bytes packed = GetParam().pack("some text, some text, some other text, and then the end of the text");
  for (std::size_t i = 0; i < packed.size(); ++i) {
    for (const int change : {1, 0x80, 0xff}) {
      Bytes changed = packed;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
      const Result<Bytes> out = GetParam().inflate(changed, 500);
      EXPECT_LE(out ? out->size() : 0, 500U);
    }
  }
}

std::string name_of(const testing::TestParamInfo<Coding>& instance) { return instance.param.name; }

INSTANTIATE_TEST_SUITE_P(All, ContentCoding,
                         testing::Values(Coding{"zlib", deflated, inflate_zlib},
                                         Coding{"brotli", brotlied, inflate_brotli}),
                         name_of);

#ifdef LIVE_SHARED_DATA
Bytes read_packet(const std::string& name) {
  std::ifstream file(std::string(LIVE_SHARED_DATA) + "/bilibili/packets/" + name, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// The frames have a header of 16 bytes: length, header length, version, operation, sequence.
void expect_packets_inside(const std::string& name, Result<Bytes> (*inflate)(ByteView, std::size_t),
                           int expected) {
  const Bytes frame = read_packet(name);
  ASSERT_GT(frame.size(), 16U);
  const Result<Bytes> inside = inflate(ByteView(frame).subspan(16), 1 << 20);
  ASSERT_TRUE(inside) << inside.error().message;
  int count = 0;
  std::size_t at = 0;
  for (; at + 16 <= inside->size(); at += load_u32(inside->data() + at)) {
    ASSERT_GE(load_u32(inside->data() + at), 16U);
    ++count;
  }
  EXPECT_EQ(at, inside->size());
  EXPECT_EQ(count, expected);
}

TEST(CapturedPackets, Inflate) {
  expect_packets_inside("message-zlib-two-packets.bin", inflate_zlib, 2);
  expect_packets_inside("message-brotli-one-packet.bin", inflate_brotli, 1);
}
#endif

}  // namespace
}  // namespace live::net
