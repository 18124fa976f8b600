// SPDX-License-Identifier: Apache-2.0
// Over captured samples, where they are: a small whole file, and dumps of recordings turned into tags.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "recorder/flv/tag_reader.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

std::string text_of_file(const std::string& name) {
  std::ifstream file(std::string(LIVE_SHARED_DATA) + "/flv/" + name, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct DumpTag {
  TagType type = TagType::video;
  bool header = false;
  bool end = false;
  std::int64_t time = 0;
  Bytes payload;
};

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// A dump has no media bytes: a body of that size is made, the same for the same hash, else another for each
// tag.
Bytes made_up(TagType type, bool key, std::size_t size, std::string_view seed) {
  ByteWriter out;
  if (type == TagType::video) {
    out.u16(key ? 0x1701 : 0x2701);
    out.u24(0);
    out.u32(static_cast<std::uint32_t>(size - 9));
    out.u8(key ? 0x65 : 0x41);
  } else {
    out.u16(0xAF01);
  }
  std::uint64_t state = std::hash<std::string_view>()(seed) | 1;
  while (out.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    out.u8(static_cast<std::uint8_t>(state >> 56));
  }
  out.data().resize(size);
  return std::move(out).take();
}

std::vector<DumpTag> read_dump(const std::string& name) {
  const std::string text = text_of_file(name);
  const std::regex attribute("(\\w+)=\"([^\"]*)\"");
  std::vector<DumpTag> tags;
  std::size_t at = 0;
  while ((at = text.find("<Tag ", at)) != std::string::npos) {
    const std::size_t end = text.find('>', at);
    const std::string head = text.substr(at, end - at);
    std::map<std::string, std::string> values;
    for (std::sregex_iterator it(head.begin(), head.end(), attribute), last; it != last; ++it)
      values[(*it)[1]] = (*it)[2];
    at = end;
    DumpTag tag;
    if (values["Type"] == "Script") continue;
    tag.type = values["Type"] == "Audio" ? TagType::audio : TagType::video;
    tag.header = values["Flag"].find("Header") != std::string::npos;
    tag.end = values["Flag"].find("End") != std::string::npos;
    tag.time = std::stoll(values["Timestamp"]);
    if (tag.header) {
      const std::size_t data = text.find("<BinaryData>", at) + 12;
      tag.payload = from_hex(std::string_view(text).substr(data, text.find('<', data) - data));
    } else if (tag.end) {
      tag.payload = {0x17, 2, 0, 0, 0};
    } else {
      const std::string seed = values["DataHash"].empty() ? std::to_string(tags.size()) : values["DataHash"];
      const bool key = values["Flag"].find("Keyframe") != std::string::npos;
      tag.payload = made_up(tag.type, key, std::stoul(values["Size"]), seed);
    }
    tags.push_back(std::move(tag));
  }
  return tags;
}

Bytes bytes_of(const std::vector<DumpTag>& tags) {
  Bytes bytes = test::flv_header();
  for (const DumpTag& tag : tags) test::append(bytes, test::flv_tag(tag.type, tag.time, tag.payload));
  return bytes;
}

std::vector<DumpTag> media_of(const std::vector<DumpTag>& tags) {
  std::vector<DumpTag> media;
  std::ranges::copy_if(tags, std::back_inserter(media),
                       [](const DumpTag& tag) { return !tag.header && !tag.end; });
  return media;
}

// Every media tag, its bytes and its time, in the order of time.
void expect_tags(const test::OutputFile& file, std::vector<DumpTag> expected) {
  std::ranges::stable_sort(expected, {}, &DumpTag::time);
  ASSERT_EQ(file.tags.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(file.tags[i].time, expected[i].time) << "tag " << i;
    ASSERT_EQ(file.tags[i].payload, expected[i].payload) << "tag " << i;
  }
}

TEST(SampleData, CleanRecordingsStayAsTheyAre) {
  for (const char* name : {"obs-fps30.xml", "obs-fps2997.xml", "p1-mock-20211120-no_metadata.xml",
                           "p2-mock-20210310-same_header_both.xml"}) {
    const std::vector<DumpTag> tags = read_dump(name);
    ASSERT_GT(tags.size(), 600U) << name;
    const test::CollectingSink output = test::record_bytes(bytes_of(tags));
    ASSERT_EQ(output.files.size(), 1U) << name;
    expect_tags(output.files[0], media_of(tags));
    EXPECT_EQ(output.count(FindingKind::header_repeated), std::string_view(name).starts_with("p2") ? 2U : 0U);
    EXPECT_EQ(output.count(FindingKind::jump), 0U);
    EXPECT_EQ(test::broken_invariants(output), "") << name;
  }
}

// All times moved, as a stream joined at another moment has them: the result is the same, to the tag.
TEST(SampleData, AnyStartGivesTheSameFile) {
  std::vector<DumpTag> tags = read_dump("obs-fps30.xml");
  const test::CollectingSink plain = test::record_bytes(bytes_of(tags));
  for (const std::int64_t by :
       {std::int64_t{501}, std::int64_t{9999}, std::int64_t{-3000}, std::int64_t{1} << 31}) {
    std::vector<DumpTag> moved = tags;
    for (DumpTag& tag : moved) tag.time += by;
    const test::CollectingSink output = test::record_bytes(bytes_of(moved));
    ASSERT_EQ(output.files.size(), 1U);
    EXPECT_EQ(output.files[0].as_bytes(), plain.files[0].as_bytes()) << by;
  }
}

// Five jumps of 30 s inside GOPs: nothing is lost, the holes are closed, everything else keeps its distance.
TEST(SampleData, JumpsAreClosed) {
  const std::vector<DumpTag> tags = read_dump("p3-brec_std-20220829-30s_timestamp_jump.xml");
  const test::CollectingSink output = test::record_bytes(bytes_of(tags));
  ASSERT_EQ(output.files.size(), 1U);
  const std::vector<DumpTag> media = media_of(tags);
  ASSERT_EQ(output.files[0].tags.size(), media.size());
  EXPECT_EQ(output.count(FindingKind::overlap_removed) + output.count(FindingKind::repeat_removed), 0U);
  std::size_t large_steps = 0;
  for (const TagType type : {TagType::video, TagType::audio}) {
    std::vector<DumpTag> in;
    std::vector<test::OutputFile::Tag> out;
    std::ranges::copy_if(media, std::back_inserter(in), [&](const DumpTag& tag) { return tag.type == type; });
    std::ranges::copy_if(output.files[0].tags, std::back_inserter(out),
                         [&](const auto& tag) { return tag.type == type; });
    ASSERT_EQ(in.size(), out.size());
    for (std::size_t i = 1; i < in.size(); ++i) {
      ASSERT_EQ(in[i].payload, out[i].payload);
      const std::int64_t step = in[i].time - in[i - 1].time;
      const std::int64_t got = out[i].time - out[i - 1].time;
      if (step >= 0 && step <= 1000) {
        EXPECT_EQ(got, step) << i;
      } else {
        EXPECT_LE(got, 100) << i;
        ++large_steps;
      }
    }
  }
  EXPECT_EQ(large_steps, 10U);
  EXPECT_EQ(output.count(FindingKind::jump), 5U);
  EXPECT_EQ(test::broken_invariants(output), "");
}

TEST(SampleData, AWholeFileGoesThrough) {
  const std::string text = text_of_file("sample.flv");
  const test::CollectingSink output = test::record_bytes(as_bytes(text));
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_EQ(output.findings_text(), "end_of_sequence 1");
  // Tag by tag as a plain walk over the file finds them.
  std::vector<DumpTag> expected;
  std::size_t at = 13;
  while (at + 11 <= text.size()) {
    const auto* head = reinterpret_cast<const std::uint8_t*>(text.data()) + at;
    const std::size_t size = load_u24(head + 1);
    const TagClass kind = classify(static_cast<TagType>(head[0]), {head + 11, size});
    if (kind.kind == TagKind::frame)
      expected.push_back({static_cast<TagType>(head[0]), false, false, load_u24(head + 4),
                          Bytes(head + 11, head + 11 + size)});
    at += 15 + size;
  }
  ASSERT_GT(expected.size(), 400U);
  expect_tags(output.files[0], expected);
  EXPECT_EQ(test::broken_invariants(output), "");
}

// The same file twice, as two connections of one show whose second began in the first: every frame once.
TEST(SampleData, TwoConnectionsOfOneFileAreJoined) {
  const std::string text = text_of_file("sample.flv");
  const test::CollectingSink plain = test::record_bytes(as_bytes(text));
  test::FlvRecorder recorder;
  recorder.connection(as_bytes(text).first(text.size() * 2 / 3));
  recorder.connection(as_bytes(text));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 1U);
  EXPECT_EQ(recorder.files()[0].as_bytes(), plain.files[0].as_bytes());
}

}  // namespace
}  // namespace live::flv
