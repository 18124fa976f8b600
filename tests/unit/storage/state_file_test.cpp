// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/state_file.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/fault_filesystem.hpp"

namespace live::storage {
namespace {

TEST(StateFile, KeepsWhatWasSaved) {
  test::FaultFileSystem files;
  StateFile state(files, "/room");
  EXPECT_EQ(state.load(), Json::object());
  state.save(Json{{"buvid3", "x"}});
  EXPECT_EQ(state.load(), (Json{{"buvid3", "x"}}));
  EXPECT_TRUE(files.exists("/room/.liveroom/state.json"));
  files.lose_power();
  EXPECT_EQ(StateFile(files, "/room").load(), (Json{{"buvid3", "x"}}));
}

TEST(StateFile, TakesWhatItCannotReadForNothing) {
  test::FaultFileSystem files;
  for (const char* text : {"", "{", "[1]", "\xFF"}) {
    const ByteView bytes = as_bytes(text);
    files.put("/room/.liveroom/state.json", Bytes(bytes.begin(), bytes.end()));
    EXPECT_EQ(StateFile(files, "/room").load(), Json::object()) << text;
  }
  files.fail_next(test::FaultFileSystem::Operation::open, EIO);
  EXPECT_EQ(StateFile(files, "/room").load(), Json::object());
}

TEST(StateFile, SaysWhenItCannotSave) {
  test::FaultFileSystem files;
  StateFile state(files, "/room");
  state.save(Json{{"a", 1}});
  files.fail_next(test::FaultFileSystem::Operation::write, ENOSPC);
  EXPECT_THROW(state.save(Json{{"a", 2}}), system_error);
  EXPECT_EQ(state.load(), (Json{{"a", 1}}));
}

}  // namespace
}  // namespace live::storage
