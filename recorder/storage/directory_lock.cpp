// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/directory_lock.hpp"

#include "base/json.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr std::size_t longest_record = 4096;

LockHolder read_holder(File& file) {
  std::string text(longest_record, '\0');
  text.resize(file.read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  const Json record = parse_json(text);
  LockHolder holder;
  holder.name = json_string(json_at(record, "/holder")).value_or("");
  holder.pid = json_int(json_at(record, "/pid")).value_or(0);
  return holder;
}

}  // namespace

DirectoryLock::Outcome DirectoryLock::acquire(FileSystem& files, const std::string& directory,
                                              const LockHolder& self) {
  const std::string folder = join_path(directory, private_directory);
  files.make_directories(folder);
  std::unique_ptr<File> file = files.open(join_path(folder, "lock"), OpenMode::create_or_open);
  switch (file->try_lock()) {
    case File::Lock::held_by_other:
      return HeldBy{read_holder(*file)};
    case File::Lock::unsupported:
      return Unsupported{};
    case File::Lock::taken:
      break;
  }
  const std::string record = dump_json(Json{{"holder", self.name}, {"pid", self.pid}}) + "\n";
  file->truncate(0);
  file->write_at(0, as_bytes(record));
  return std::unique_ptr<DirectoryLock>(new DirectoryLock(std::move(file)));
}

}  // namespace live::storage
