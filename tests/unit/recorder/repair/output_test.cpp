// SPDX-License-Identifier: Apache-2.0
#include "recorder/repair/output.hpp"

#include <gtest/gtest.h>

#include "recorder/flv/pipeline.hpp"
#include "support/fault_filesystem.hpp"
#include "support/flv_builder.hpp"

namespace live::recorder {
namespace {

void run(RepairOutput& output, flv::PipelineOptions options = {}) {
  flv::Pipeline pipeline(options, output);
  pipeline.connection_started(0);
  for (const test::FlvItem& item : test::items("V1@0 A1@0") + test::run_of({.end = 60'000})) {
    const Bytes payload = test::payload_of(item.kind, item.number);
    pipeline.push({test::type_of(item.kind), static_cast<std::uint32_t>(item.time), payload}, 0);
    pipeline.settle();
  }
  pipeline.finish();
}

TEST(RepairOutput, WritesFilesUnderTheirNamesWhenTheyAreWhole) {
  test::FaultFileSystem files;
  files.put("/out/show_2.flv", Bytes{1});
  RepairReport report;
  flv::PipelineOptions options;
  options.split_ms = 20'000;
  {
    RepairOutput output(files, "/out", "show", true, report);
    run(output, options);
  }
  ASSERT_EQ(report.files().size(), 3U);
  EXPECT_EQ(files.files(), (std::vector<std::string>{"/out/show.flv", "/out/show_2.flv", "/out/show_3.flv",
                                                     "/out/show_4.flv"}));
  EXPECT_EQ(files.content("/out/show_2.flv"), Bytes{1});
  for (const RepairedFile& file : report.files()) EXPECT_EQ(files.content(file.path).size(), file.size);
  files.lose_power();
  EXPECT_EQ(files.content("/out/show_4.flv").size(), report.files()[2].size);
}

TEST(RepairOutput, WritesNothingWhenItOnlyLooks) {
  test::FaultFileSystem files;
  RepairReport looked;
  RepairReport wrote;
  {
    RepairOutput output(files, "/out", "show", false, looked);
    run(output);
  }
  EXPECT_TRUE(files.files().empty());
  {
    RepairOutput output(files, "/out", "show", true, wrote);
    run(output);
  }
  EXPECT_EQ(looked.text(true), wrote.text(true));
}

TEST(RepairOutput, LeavesNoPieceBehindOnAFullDisk) {
  test::FaultFileSystem files;
  files.set_capacity(600'000);
  RepairReport report;
  {
    RepairOutput output(files, "/out", "show", true, report);
    EXPECT_THROW(run(output), system_error);
  }
  EXPECT_TRUE(files.files().empty());
  EXPECT_TRUE(report.files().empty());
}

}  // namespace
}  // namespace live::recorder
