// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/recording_manifest.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace live::storage {
namespace {

RecordingManifest sample() {
  RecordingManifest manifest;
  manifest.session = "7c7f3672-70ce-405a-aa12-886702ced6e5";
  manifest.part = 2;
  manifest.start = WallTime(std::chrono::seconds(1'700'000'000));
  manifest.end = WallTime(std::chrono::microseconds(1'700'003'600'250'000));
  manifest.files = {"标题_1.flv", "标题_1.xml", "标题_1.cover.jpg"};
  return manifest;
}

Json document_of(const RecordingManifest& manifest) {
  Json document = {{"title", "标题"}};
  put_manifest(document, manifest);
  return document;
}

TEST(RecordingManifest, IsReadAsItWasWrittenAndLeavesTheRestAlone) {
  const Json document = document_of(sample());
  EXPECT_EQ(document["title"], "标题");
  const auto read = read_manifest(dump_json(document), "标题_1");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, sample());
}

TEST(RecordingManifest, RefusesWhatIsNotOurs) {
  EXPECT_FALSE(read_manifest("", "s"));
  EXPECT_FALSE(read_manifest("{", "s"));
  EXPECT_FALSE(read_manifest("[]", "s"));
  EXPECT_FALSE(read_manifest(R"({"files":["s.flv"]})", "s"));
  for (const char* key : {"format", "session", "part", "start", "end", "files"}) {
    Json document = document_of(sample());
    document.erase(key);
    EXPECT_FALSE(read_manifest(dump_json(document), "标题_1")) << key;
  }
}

TEST(RecordingManifest, RefusesNamesThatLeadElsewhere) {
  for (const char* name :
       {"../a.flv", "/etc/passwd", "标题_1", "标题_1.", "标题_1/x.flv", "标题_1.json", "标题_10.flv",
        "标题_1.flv.part", "标题_1.part.json", ".flv", "", "标题_1./../x"}) {
    RecordingManifest manifest = sample();
    manifest.files.push_back(name);
    EXPECT_FALSE(read_manifest(dump_json(document_of(manifest)), "标题_1")) << name;
  }
  Json document = document_of(sample());
  document["files"].push_back(7);
  EXPECT_FALSE(read_manifest(dump_json(document), "标题_1"));
  document["files"] = Json::array();
  for (int i = 0; i < 17; ++i) document["files"].push_back("标题_1.flv");
  EXPECT_FALSE(read_manifest(dump_json(document), "标题_1"));
}

TEST(RecordingManifest, AStemWithADotAtItsHeadHasNoCompanions) {
  EXPECT_FALSE(is_companion(".hidden.flv", ".hidden"));
  EXPECT_FALSE(is_companion("a.flv", ""));
  EXPECT_TRUE(is_companion("a.b.danmaku.jsonl", "a.b"));
}

}  // namespace
}  // namespace live::storage
