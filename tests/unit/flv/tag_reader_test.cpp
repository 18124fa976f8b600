// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/tag_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "support/flv_builder.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::append;
using test::flv_bytes;
using test::flv_header;
using test::flv_tag;
using test::item_of;
using test::items;
using test::text_of;

struct Reading {
  test::FlvItems tags;
  std::string findings;
  bool not_flv = false;
  bool gave_up = false;
  std::size_t largest_buffer = 0;
  std::uint64_t skipped = 0;
};

Reading read(ByteView bytes, std::size_t piece, ReaderLimits limits = {}, bool end = true) {
  Reading result;
  test::CollectingSink sink;
  TagReader reader(sink, limits);
  const auto drain = [&] {
    while (const std::optional<TagView> tag = reader.next())
      result.tags.push_back(item_of(tag->type, tag->payload, static_cast<std::int32_t>(tag->timestamp)));
  };
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = reader.prepare(piece);
    EXPECT_FALSE(room.empty());
    if (room.empty()) break;
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::memcpy(room.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    reader.commit(count, 0);
    drain();
    result.largest_buffer = std::max(result.largest_buffer, reader.buffer_size());
  }
  if (end) reader.end_of_stream();
  drain();
  result.findings = sink.findings_text();
  result.not_flv = reader.not_flv();
  result.gave_up = reader.gave_up();
  for (const Finding& finding : sink.findings) {
    if (finding.kind == FindingKind::resync) result.skipped += finding.bytes;
  }
  return result;
}

struct Case {
  const char* name;
  Bytes bytes;
  std::string tags;
  std::string findings;
};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) append(all, part);
  return all;
}

Bytes with_type(Bytes tag, std::uint8_t type) {
  tag[0] = type;
  return tag;
}

Bytes with_pointer(Bytes tag, std::uint32_t pointer) {
  store_u32(tag.data() + tag.size() - 4, pointer);
  return tag;
}

Bytes with_size(Bytes tag, std::uint32_t size) {
  store_u24(tag.data() + 1, size);
  return tag;
}

Bytes tag(const char* text) { return flv_tag(items(text).at(0)); }

Bytes header_with_offset(std::uint32_t offset) {
  Bytes header(offset + 4, 0);
  const Bytes usual = flv_header();
  std::copy(usual.begin(), usual.begin() + 9, header.begin());
  store_u32(header.data() + 5, offset);
  return header;
}

std::vector<Case> cases() {
  const std::string usual = "V1@0 A1@0 K1@0 a1@0 P2@40";
  const Bytes head = flv_header();
  const Bytes k = tag("K1@0");
  const Bytes a = tag("a1@0");
  const Bytes p = tag("P2@40");
  const Bytes zeros(5000, 0);
  return {
      {"A2 a clean stream", flv_bytes(items(usual)), usual, ""},
      {"A2 wrong flags and version", joined({Bytes{'F', 'L', 'V', 9, 0xFF, 0, 0, 0, 9, 0, 0, 0, 0}, k, a}),
       "K1@0 a1@0", ""},
      {"A2 a longer header", joined({header_with_offset(40), k, a}), "K1@0 a1@0", ""},
      {"A2 begins with a tag", joined({k, a}), "K1@0 a1@0", ""},
      {"A3 encrypted tag", joined({head, k, with_type(a, 0x28), p}), "K1@0 P2@40", "encrypted_tag 1"},
      {"A3 foreign type", joined({head, k, with_type(a, 15), p}), "K1@0 P2@40", "foreign_tag 1"},
      {"A4 impossible type", joined({head, k, with_type(a, 0x48), p}), "K1@0 P2@40", "resync 1"},
      {"A4 size beyond the limit", joined({head, k, with_size(a, 0xFFFFFF), p}), "K1@0 P2@40", "resync 1"},
      {"A4 neither fits", joined({head, k, with_size(a, 30), p}), "K1@0 P2@40", "resync 1"},
      {"A5 wrong back pointers", joined({head, with_pointer(k, 0), with_pointer(a, 7), p}), "K1@0 a1@0 P2@40",
       "wrong_back_pointer 2"},
      {"A5 wrong back pointer at the end", joined({head, k, with_pointer(a, 0)}), "K1@0 a1@0",
       "wrong_back_pointer 1"},
      {"A6 garbage between tags", joined({head, k, Bytes(700, 0xAB), p, a}), "K1@0 P2@40 a1@0", "resync 1"},
      {"A6 a zero page", joined({head, k, zeros, p}), "K1@0 P2@40", "resync 1"},
      {"A6 a zero tail", joined({head, k, p, zeros}), "K1@0 P2@40", "truncated_tag 1"},
      {"A6 a false tag inside garbage",
       joined({head, k, Bytes{0xAB, 8, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 1, 2}, Bytes(90, 0xAB), p}),
       "K1@0 P2@40", "resync 1"},
      {"A6 a false large tag inside garbage",
       joined({head, k, Bytes{0xAB, 9, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0, 0}, Bytes(90, 0xAB), p, a, p}),
       "K1@0 P2@40 a1@0 P2@40", "resync 1"},
      {"A7 cut in a body", joined({head, k, Bytes(p.begin(), p.end() - 30)}), "K1@0", "truncated_tag 1"},
      {"A7 cut in a tag header", joined({head, k, Bytes(p.begin(), p.begin() + 5)}), "K1@0",
       "truncated_tag 1"},
      {"A7 cut in a back pointer", joined({head, k, Bytes(p.begin(), p.end() - 2)}), "K1@0 P2@40", ""},
      {"a second header", joined({head, k, a, head, p}), "K1@0 a1@0 P2@40", "header_again 1"},
      {"timestamps use the extension byte", flv_bytes(items("K1@16777215 P2@16777216 P3@2147483647 P4@-5")),
       "K1@16777215 P2@16777216 P3@2147483647 P4@-5", ""},
      {"an empty body", joined({head, flv_tag(TagType::audio, 5, {}), k}), "?0@5 K1@0", ""},
  };
}

TEST(TagReader, ReadsAndRepairs) {
  for (const Case& c : cases()) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{11}, std::size_t{64},
          std::size_t{997}, std::size_t{1} << 20}) {
      const Reading reading = read(c.bytes, piece);
      EXPECT_EQ(text_of(reading.tags), c.tags) << c.name << ", pieces of " << piece;
      EXPECT_EQ(reading.findings, c.findings) << c.name << ", pieces of " << piece;
      EXPECT_FALSE(reading.not_flv || reading.gave_up) << c.name;
    }
  }
}

TEST(TagReader, CountsWhatItSkips) {
  const Bytes bytes = joined({flv_header(), tag("K1@0"), Bytes(700, 0xAB), tag("P2@40")});
  EXPECT_EQ(read(bytes, 1 << 20).skipped, 700U);
  EXPECT_EQ(read(bytes, 10).skipped, 700U);
}

TEST(TagReader, RefusesWhatIsNoFlv) {
  for (const char* text :
       {"<html><body>expired</body></html>", "{\"code\":-404,\"message\":\"no\"}", "#EXTM3U\n", "HTTP error",
        "FL", "FLX12345678901234", "Internal error", "read error", "FLV\x01\x05"}) {
    const Reading reading = read(as_bytes(text), 3);
    EXPECT_TRUE(reading.not_flv) << text;
    EXPECT_TRUE(reading.tags.empty()) << text;
  }
}

TEST(TagReader, KnowsNothingOfAnEmptyStream) {
  const Reading reading = read({}, 1);
  EXPECT_FALSE(reading.not_flv);
  EXPECT_TRUE(reading.tags.empty());
}

TEST(TagReader, GivesUpOnALongStretchOfGarbage) {
  Bytes bytes = joined({flv_header(), tag("K1@0"), Bytes((std::size_t{1} << 20) + 5000, 0xAB), tag("P2@40")});
  const Reading reading = read(bytes, 4096);
  EXPECT_TRUE(reading.gave_up);
  EXPECT_EQ(text_of(reading.tags), "K1@0");
  EXPECT_EQ(reading.findings, "resync_failed 1");
  ReaderLimits none;
  none.resync_bytes = SIZE_MAX;
  EXPECT_EQ(text_of(read(bytes, 4096, none).tags), "K1@0 P2@40");
}

TEST(TagReader, GivesUpAfterThreeSeconds) {
  test::CollectingSink sink;
  TagReader reader(sink);
  const auto feed = [&](const Bytes& bytes, ArrivalTime now) {
    std::memcpy(reader.prepare(bytes.size()).data(), bytes.data(), bytes.size());
    reader.commit(bytes.size(), now);
    while (reader.next()) {
    }
  };
  feed(joined({flv_header(), tag("K1@0"), Bytes(100, 0xAB)}), 1000);
  feed(Bytes(100, 0xAB), 3900);
  EXPECT_FALSE(reader.gave_up());
  feed(Bytes(100, 0xAB), 4001);
  EXPECT_TRUE(reader.gave_up());
}

TEST(TagReader, ReadsTheLargestTagInItsBound) {
  const Bytes large(max_payload_size, 0x55);
  Bytes bytes = flv_header();
  append(bytes, tag("K1@0"));
  append(bytes, flv_tag(TagType::video, 40, large));
  append(bytes, tag("P2@80"));
  test::CollectingSink sink;
  const Reading reading = read(bytes, std::size_t{512} << 10);
  EXPECT_EQ(text_of(reading.tags), "K1@0 ?8388608@40 P2@80");
  EXPECT_LE(reading.largest_buffer, TagReader::max_buffer);
}

TEST(TagReader, ShrinksAfterALargeTag) {
  test::CollectingSink sink;
  TagReader reader(sink);
  Bytes bytes = flv_header();
  append(bytes, flv_tag(TagType::video, 40, Bytes(std::size_t{3} << 20, 0x55)));
  for (int i = 0; i < 3; ++i) append(bytes, tag("P2@80"));
  ByteView left = bytes;
  std::size_t largest = 0;
  while (!left.empty()) {
    const std::span<std::uint8_t> room = reader.prepare(std::size_t{256} << 10);
    const std::size_t count = std::min({room.size(), left.size(), std::size_t{256} << 10});
    std::memcpy(room.data(), left.data(), count);
    left = left.subspan(count);
    reader.commit(count, 0);
    while (reader.next()) {
    }
    largest = std::max(largest, reader.buffer_size());
  }
  EXPECT_GT(largest, std::size_t{3} << 20);
  (void)reader.prepare(1);
  EXPECT_EQ(reader.buffer_size(), TagReader::usual_buffer);
}

TEST(TagReader, TellsWhereTagsStand) {
  test::CollectingSink sink;
  TagReader reader(sink);
  const Bytes k = tag("K1@0");
  const Bytes bytes = joined({flv_header(), k, Bytes(50, 0xAB), tag("P2@40"), tag("a1@40")});
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    *reader.prepare(1).data() = bytes[i];
    reader.commit(1, 0);
    while (reader.next()) places.emplace_back(reader.tag_begin(), reader.tag_end());
  }
  const std::size_t first_end = 13 + k.size();
  const std::size_t second = first_end + 50;
  const std::size_t second_end = second + tag("P2@40").size();
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{
      {13, first_end}, {second, second_end}, {second_end, bytes.size()}};
  EXPECT_EQ(places, expected);
}

// Whatever is flipped, the reader stays in its bounds and finds back.
TEST(TagReader, SurvivesFlippedBytes) {
  std::mt19937 random(7);
  const Bytes clean = flv_bytes(test::run_of({.end = 4000}));
  for (int round = 0; round < 300; ++round) {
    Bytes bytes = clean;
    for (int i = 0; i < 5; ++i)
      bytes[13 + random() % (bytes.size() - 13)] = static_cast<std::uint8_t>(random());
    const Reading reading = read(bytes, 1 + random() % 3000);
    EXPECT_GT(reading.tags.size(), 150U);
    EXPECT_LE(reading.largest_buffer, TagReader::max_buffer);
  }
}

}  // namespace
}  // namespace live::flv
