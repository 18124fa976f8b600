// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/file_writer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "recorder/flv/file_scan.hpp"
#include "recorder/flv/rules/script.hpp"
#include "recorder/flv/tag_reader.hpp"
#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;

struct Written {
  test::MemoryBytes file;
  test::OutputFile source;
};

FileHeaders headers_of(const test::OutputFile& file) {
  FileHeaders headers = file.headers;
  headers.metadata = file.metadata;
  headers.video_header = file.video_header;
  headers.audio_header = file.audio_header;
  return headers;
}

OutputTag output_of(const test::OutputFile::Tag& tag) {
  OutputTag output;
  output.type = tag.type;
  output.frame = classify(tag.type, tag.payload).frame;
  output.is_header = tag.is_header;
  output.time = tag.time;
  output.payload = tag.payload;
  return output;
}

test::OutputFile some_file(const char* text = "M1@0 V1@0 A1@0") {
  return test::record(items(text) + test::run_of({.end = 4000})).files.at(0);
}

amf::Object metadata_in(const Bytes& file) {
  const std::size_t size = load_u24(file.data() + 14);
  return metadata_of(ByteView(file).subspan(24, size)).value();
}

double number(const amf::Object& object, const char* key) {
  const amf::Value* value = object.find(key);
  return value != nullptr && value->number() != nullptr ? *value->number() : -1;
}

TEST(FileWriter, WritesWhatTheReaderReads) {
  const test::OutputFile source = some_file();
  test::MemoryBytes out;
  FileWriter writer(out, headers_of(source), {});
  for (const auto& tag : source.tags) writer.write(output_of(tag));
  writer.finish();
  EXPECT_EQ(writer.size(), out.bytes.size());
  EXPECT_EQ(writer.duration_ms(), 3980);
  EXPECT_EQ(writer.media_tags(), source.tags.size());
  EXPECT_EQ(out.bytes[4], 5);
  const test::CollectingSink again = test::record_bytes(out.bytes);
  ASSERT_EQ(again.files.size(), 1U);
  EXPECT_EQ(again.files[0].as_items(), source.as_items());
  EXPECT_EQ(again.findings_text(), "");
}

TEST(FileWriter, WritesMetadata) {
  const test::OutputFile source = some_file();
  test::MemoryBytes out;
  WriterOptions options;
  amf::Object nested;
  nested.properties = {{"RoomId", amf::Value("23058")}};
  options.metadata = {{"Title", amf::Value("題 <x>")},
                      {"duration", amf::Value(99.0)},
                      {"Comment", amf::Value(std::string(9000, 'c'))},
                      {"Recorder", amf::Value(nested)},
                      {"StartTime", amf::Value(amf::Date{1.7e12, 480})}};
  FileWriter writer(out, headers_of(source), options);
  for (const auto& tag : source.tags) writer.write(output_of(tag));
  writer.finish();
  const amf::Object values = metadata_in(out.bytes);
  EXPECT_EQ(values.properties.front().first, "duration");
  EXPECT_EQ(values.properties.back().first, "keyframes");
  EXPECT_DOUBLE_EQ(number(values, "duration"), 3.98);
  EXPECT_EQ(number(values, "filesize"), static_cast<double>(out.bytes.size()));
  EXPECT_EQ(number(values, "videocodecid"), 7);
  EXPECT_EQ(number(values, "audiocodecid"), 10);
  EXPECT_EQ(number(values, "audiosamplerate"), 44100);
  EXPECT_EQ(number(values, "framerate"), 25);  // the source's
  EXPECT_DOUBLE_EQ(number(values, "lasttimestamp"), 3.98);
  EXPECT_DOUBLE_EQ(number(values, "lastkeyframetimestamp"), 3.6);
  EXPECT_EQ(*values.find("encoder")->text(), "encoder 1");
  EXPECT_EQ(*values.find("Title")->text(), "題 <x>");
  EXPECT_EQ(values.find("Comment")->text()->size(), longest_text);
  ASSERT_NE(values.find("Recorder"), nullptr);
  EXPECT_EQ(*values.find("Recorder")->object(), nested);
  EXPECT_TRUE(std::holds_alternative<amf::Date>(values.find("StartTime")->data));
}

// Entry 0 is the sequence header; every other one is the place of a key frame with that time.
TEST(FileWriter, IndexesKeyFrames) {
  const test::OutputFile source = some_file();
  test::MemoryBytes out;
  FileWriter writer(out, headers_of(source), {});
  for (const auto& tag : source.tags) writer.write(output_of(tag));
  writer.finish();
  const amf::Object values = metadata_in(out.bytes);
  const amf::Object& index = *values.find("keyframes")->object();
  const auto& times = index.find("times")->array()->values;
  const auto& places = index.find("filepositions")->array()->values;
  ASSERT_EQ(times.size(), 11U);
  ASSERT_EQ(places.size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto place = static_cast<std::size_t>(*places[i].number());
    EXPECT_EQ(out.bytes.at(place), 9);
    EXPECT_EQ(out.bytes.at(place + 11), 0x17);
    EXPECT_EQ(out.bytes.at(place + 12), i == 0 ? 0 : 1);
    EXPECT_DOUBLE_EQ(*times[i].number(), load_u24(&out.bytes[place + 4]) / 1000.0);
  }
}

// No byte moves by an update, and the file is whole at any moment.
TEST(FileWriter, UpdatesInPlace) {
  const test::OutputFile source = some_file();
  test::MemoryBytes out;
  WriterOptions options;
  options.index_entries = 64;
  FileWriter writer(out, headers_of(source), options);
  for (const auto& tag : source.tags) {
    writer.write(output_of(tag));
    const std::size_t size = out.bytes.size();
    writer.update(writer.media_tags() % 20 == 0);
    ASSERT_EQ(out.bytes.size(), size);
    EXPECT_EQ(number(metadata_in(out.bytes), "filesize"), static_cast<double>(size));
  }
}

// As if the last GOP had never been written.
TEST(FileWriter, TakesBackTheLastGop) {
  const auto write = [](FileWriter& writer, const test::FlvItems& list) {
    for (const test::FlvItem& item : list) {
      const Bytes payload = test::payload_of(item.kind, item.number);
      OutputTag tag;
      tag.type = test::type_of(item.kind);
      tag.frame = classify(tag.type, payload).frame;
      tag.time = item.time;
      tag.payload = payload;
      writer.write(tag);
    }
  };
  const test::FlvItems first = test::run_of({.end = 2000});
  const test::FlvItems last = test::run_of({.start = 2000, .end = 2400, .first = 500});
  for (const std::size_t entries : {std::size_t{4}, std::size_t{5}, std::size_t{64}}) {
    WriterOptions options;
    options.index_entries = entries;
    test::MemoryBytes with;
    FileWriter writer(with, {}, options);
    write(writer, first);
    write(writer, last);
    writer.update();
    writer.take_back();
    writer.finish();
    test::MemoryBytes without;
    FileWriter expected(without, {}, options);
    write(expected, first);
    expected.finish();
    EXPECT_EQ(writer.media_tags(), expected.media_tags());
    EXPECT_EQ(writer.duration_ms(), expected.duration_ms());
    if (entries == 64) {
      EXPECT_EQ(with.bytes, without.bytes);
    }
    EXPECT_EQ(with.bytes.size(), without.bytes.size());
  }
}

TEST(FileWriter, SourceIndexAndHugeValuesAreNotRepeated) {
  test::OutputFile source = some_file();
  amf::Object index;
  index.properties = {{"times", amf::Value(amf::StrictArray())}};
  source.metadata.properties.push_back({"keyframes", amf::Value(index)});
  source.metadata.properties.push_back({"huge", amf::Value(std::string(5000, 'x'))});
  source.metadata.properties.push_back({"duration", amf::Value(1e6)});
  test::MemoryBytes out;
  FileWriter writer(out, headers_of(source), {});
  writer.finish();
  const amf::Object values = metadata_in(out.bytes);
  EXPECT_EQ(values.find("huge"), nullptr);
  EXPECT_EQ(number(values, "duration"), 0);
  EXPECT_EQ(std::ranges::count_if(values.properties, [](const auto& p) { return p.first == "keyframes"; }),
            1);
}

TEST(FileWriter, FlagsSayWhatIsInside) {
  const auto flags = [](const test::FlvItems& list) {
    return test::record(list).files.at(0).as_bytes().at(4);
  };
  EXPECT_EQ(flags(items("V1@0") + test::run_of({.end = 1000, .audio = false})), 1);
  EXPECT_EQ(flags(items("A1@0") + test::run_of({.end = 1000, .video = false})), 4);
  EXPECT_EQ(flags(items("V1@0") + test::run_of({.end = 1000, .audio = false}) + items("A1@1000 a1@1000")), 5);
}

}  // namespace
}  // namespace live::flv
