// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/filesystem.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "support/fault_filesystem.hpp"
#include "support/temp_directory.hpp"

namespace live::storage {
namespace {

namespace errc = boost::system::errc;

template <class F>
error_code code_of(F&& f) {
  try {
    f();
  } catch (const system_error& error) {
    return error.code();
  }
  return {};
}

std::string text_of(File& file) {
  std::string text(static_cast<std::size_t>(file.size()) + 10, '\0');
  text.resize(file.read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return text;
}

// The real file system and the one of the tests: they must agree.
class EveryFileSystem : public testing::TestWithParam<bool> {
 protected:
  test::TempDirectory directory_;
  PosixFileSystem posix_;
  test::FaultFileSystem memory_;
  FileSystem& files() {
    if (GetParam()) return posix_;
    memory_.make_directories(directory_.path());
    return memory_;
  }
  std::string path(std::string_view name) const { return join_path(directory_.path(), name); }
};

TEST_P(EveryFileSystem, ReadsAndWrites) {
  FileSystem& fs = files();
  const std::unique_ptr<File> file = fs.open(path("a"), OpenMode::create_new);
  file->write(as_bytes("hello "));
  file->write(as_bytes("world"));
  file->write_at(0, as_bytes("HE"));
  EXPECT_EQ(text_of(*file), "HEllo world");
  file->truncate(5);
  file->write(as_bytes("!"));
  EXPECT_EQ(text_of(*file), "HEllo!");
  file->sync_data();
}

TEST_P(EveryFileSystem, OpensByMode) {
  FileSystem& fs = files();
  EXPECT_EQ(code_of([&] { fs.open(path("a"), OpenMode::existing); }), errc::no_such_file_or_directory);
  EXPECT_EQ(code_of([&] { fs.open(path("a"), OpenMode::read_only); }), errc::no_such_file_or_directory);
  fs.open(path("a"), OpenMode::create_or_open)->write(as_bytes("x"));
  EXPECT_EQ(code_of([&] { fs.open(path("a"), OpenMode::create_new); }), errc::file_exists);
  EXPECT_EQ(text_of(*fs.open(path("a"), OpenMode::existing)), "x");
  EXPECT_EQ(text_of(*fs.open(path("a"), OpenMode::create_or_truncate)), "");
  EXPECT_EQ(code_of([&] { fs.open(path("none/a"), OpenMode::create_new); }), errc::no_such_file_or_directory);
}

TEST_P(EveryFileSystem, RenamesAndRemoves) {
  FileSystem& fs = files();
  fs.open(path("a"), OpenMode::create_new)->write(as_bytes("a"));
  fs.open(path("b"), OpenMode::create_new)->write(as_bytes("b"));
  EXPECT_FALSE(fs.rename_new(path("a"), path("b")));
  EXPECT_EQ(read_whole(fs, path("b")), "b");
  EXPECT_TRUE(fs.rename_new(path("a"), path("c")));
  EXPECT_FALSE(fs.stat(path("a")));
  fs.rename(path("c"), path("b"));
  EXPECT_EQ(read_whole(fs, path("b")), "a");
  EXPECT_TRUE(fs.remove(path("b")));
  EXPECT_FALSE(fs.remove(path("b")));
  EXPECT_EQ(code_of([&] { fs.rename(path("none"), path("b")); }), errc::no_such_file_or_directory);
  fs.sync_directory(directory_.path());
}

TEST_P(EveryFileSystem, ListsAndMakesDirectories) {
  FileSystem& fs = files();
  fs.make_directories(path("x/y/z"));
  fs.make_directories(path("x/y/z"));
  fs.open(path("x/file"), OpenMode::create_new)->write(as_bytes("123"));
  std::vector<std::string> names = fs.list(path("x"));
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"file", "y"}));
  EXPECT_TRUE(fs.list(path("none")).empty());
  EXPECT_TRUE(fs.stat(path("x/y"))->is_directory);
  EXPECT_EQ(fs.stat(path("x/file"))->size, 3U);
  EXPECT_FALSE(fs.stat(path("x/file"))->is_directory);
  EXPECT_FALSE(fs.stat(path("none")));
  EXPECT_GT(fs.space(directory_.path()).total_bytes, 0U);
}

TEST_P(EveryFileSystem, LocksOnce) {
  FileSystem& fs = files();
  std::unique_ptr<File> first = fs.open(path("lock"), OpenMode::create_or_open);
  const std::unique_ptr<File> second = fs.open(path("lock"), OpenMode::create_or_open);
  EXPECT_EQ(first->try_lock(), File::Lock::taken);
  EXPECT_EQ(second->try_lock(), File::Lock::held_by_other);
  first.reset();
  EXPECT_EQ(second->try_lock(), File::Lock::taken);
}

TEST_P(EveryFileSystem, ReplacesFilesWhole) {
  FileSystem& fs = files();
  replace_file(fs, path("a"), as_bytes("one"));
  replace_file(fs, path("a"), as_bytes("two"));
  EXPECT_EQ(read_whole(fs, path("a")), "two");
  EXPECT_EQ(fs.list(directory_.path()).size(), 1U);
  EXPECT_EQ(read_whole(fs, path("none")), std::nullopt);
  EXPECT_EQ(code_of([&] { (void)read_whole(fs, path("a"), 2); }), errc::file_too_large);
}

INSTANTIATE_TEST_SUITE_P(FileSystems, EveryFileSystem, testing::Bool(),
                         [](const auto& which) { return which.param ? "Posix" : "Memory"; });

TEST(PosixFileSystem, GivesModes) {
  const test::TempDirectory directory;
  PosixFileSystem files;
  const mode_t before = ::umask(022);
  files.make_directories(directory.path() + "/d");
  files.open(directory.path() + "/d/f", OpenMode::create_new);
  ::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat((directory.path() + "/d").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0755U);
  ASSERT_EQ(::stat((directory.path() + "/d/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0644U);
}

// A link that somebody put there does not lead us out of the directory.
TEST(PosixFileSystem, FollowsNoLinkInPlaceOfAFile) {
  const test::TempDirectory directory;
  const std::string target = directory.write("target", "x");
  ASSERT_EQ(::symlink(target.c_str(), (directory.path() + "/link").c_str()), 0);
  PosixFileSystem files;
  EXPECT_NE(code_of([&] { files.open(directory.path() + "/link", OpenMode::create_or_truncate); }),
            error_code());
  EXPECT_EQ(read_whole(files, target), "x");
}

// Before the rename the old content is there, after it the new one, and nothing else ever.
TEST(ReplaceFile, IsOldOrNewAfterAKillAndAfterPowerLoss) {
  for (const bool power : {false, true}) {
    for (std::uint64_t step = 0;; ++step) {
      test::FaultFileSystem files;
      files.put("/d/a", Bytes{'o', 'l', 'd'});
      const std::uint64_t before = files.changes();
      files.kill_after(before + step);
      bool finished = true;
      try {
        replace_file(files, "/d/a", as_bytes("new"));
      } catch (const test::Killed&) {
        finished = false;
      }
      power ? files.lose_power() : files.restart();
      const std::string text = read_whole(files, "/d/a").value_or("none");
      EXPECT_TRUE(text == "old" || text == "new") << text << " after " << step;
      if (finished) {
        EXPECT_EQ(text, "new");
        break;
      }
    }
  }
}

TEST(Paths, AreTakenApart) {
  EXPECT_EQ(join_path("a", "b"), "a/b");
  EXPECT_EQ(join_path("a/", "b"), "a/b");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), ".");
  EXPECT_EQ(name_of("a/b"), "b");
  EXPECT_EQ(name_of("b"), "b");
}

}  // namespace
}  // namespace live::storage
