// SPDX-License-Identifier: Apache-2.0
#include "recorder/flv/rules/script.hpp"

#include <gtest/gtest.h>

#include "support/flv_recorder.hpp"

namespace live::flv {
namespace {

using test::items;
using test::text_of;

Bytes script(const std::vector<amf::Value>& values) {
  ByteWriter out;
  for (const amf::Value& value : values) amf::write(out, value);
  return std::move(out).take();
}

amf::Object with_width(bool is_ecma_array) {
  amf::Object object;
  object.is_ecma_array = is_ecma_array;
  object.properties = {{"width", amf::Value(1920.0)}};
  return object;
}

TEST(Script, ReadsEveryFormOfOnMetaData) {
  const std::vector<std::vector<amf::Value>> forms{
      {"onMetaData", with_width(true)},
      {"onMetaData", with_width(false)},
      {"@setDataFrame", "onMetaData", with_width(true)},
      {"onMetaData", with_width(true), amf::Value()},
      {"onMetaData", 3.0, with_width(true)},
  };
  for (const auto& form : forms) {
    const std::optional<amf::Object> values = metadata_of(script(form));
    ASSERT_TRUE(values);
    ASSERT_NE(values->find("width"), nullptr);
    EXPECT_EQ(*values->find("width")->number(), 1920.0);
  }
  EXPECT_TRUE(metadata_of(script({"onMetaData"}))->properties.empty());
}

TEST(Script, RefusesOthers) {
  EXPECT_FALSE(metadata_of(script({"onTextData", with_width(true)})));
  EXPECT_FALSE(metadata_of(script({3.0})));
  EXPECT_FALSE(metadata_of(script({"@setDataFrame"})));
  EXPECT_FALSE(metadata_of({}));
  EXPECT_FALSE(metadata_of(Bytes{0xFF, 1, 2, 3}));
}

// C1, C2: nothing of it is written into the running file; the newest stands at the head of the next one.
TEST(Script, KeepsTheNewestForTheNextFile) {
  test::FlvRecorder recorder;
  recorder.connection(items("M1@0 V1@0 A1@0 K1@0 a1@0 M2@40 X3@40 P2@40 a2@40 V2@80 K3@80 a3@80"));
  recorder.finish();
  ASSERT_EQ(recorder.files().size(), 2U);
  EXPECT_EQ(text_of(recorder.files()[0].as_items()), "V1@0 A1@0 K1@0 a1@0 P2@40 a2@40");
  EXPECT_EQ(*recorder.files()[0].metadata.find("encoder")->text(), "encoder 1");
  EXPECT_EQ(text_of(recorder.files()[1].as_items()), "V2@0 A1@0 K3@0 a3@0");
  EXPECT_EQ(*recorder.files()[1].metadata.find("encoder")->text(), "encoder 2");
  EXPECT_EQ(recorder.sink.findings_text(), "metadata_again 1, script_dropped 1, header_changed 1");
  EXPECT_EQ(test::broken_invariants(recorder.sink), "");
}

TEST(Script, MissingIsNoFault) {
  const test::CollectingSink output = test::record(items("V1@0 A1@0 K1@0 a1@0"));
  ASSERT_EQ(output.files.size(), 1U);
  EXPECT_TRUE(output.files[0].metadata.properties.empty());
  EXPECT_EQ(output.findings_text(), "");
}

}  // namespace
}  // namespace live::flv
