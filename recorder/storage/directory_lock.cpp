// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/directory_lock.hpp"

#include "base/json.hpp"
#include "recorder/storage/state_file.hpp"

namespace live::storage {
namespace {

constexpr std::size_t max_record = 4096;

LockHolder read_holder(File& file) {
  std::string text(max_record, '\0');
  text.resize(file.read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  const Json record = parse_json(text);
  return {json_string(json_at(record, "/name")).value_or(""), json_int(json_at(record, "/pid")).value_or(0)};
}

void write_holder(File& file, const LockHolder& holder) {
  Json record = Json::object();
  record["name"] = holder.name;
  record["pid"] = holder.pid;
  file.truncate(0);
  file.write_at(0, as_bytes(dump_json(record) + "\n"));
}

}  // namespace

DirectoryLock::Outcome DirectoryLock::acquire(FileSystem& files, const std::string& directory,
                                              const LockHolder& self) {
  const std::string own = join_path(directory, private_directory);
  files.make_directories(own);
  std::unique_ptr<File> file = files.open(join_path(own, "lock"), OpenMode::create_or_open);
  switch (file->try_lock()) {
    case File::Lock::taken:
      write_holder(*file, self);
      return std::unique_ptr<DirectoryLock>(new DirectoryLock(std::move(file)));
    case File::Lock::held_by_other:
      return HeldBy{read_holder(*file)};
    case File::Lock::unsupported:
      break;
  }
  return Unsupported();
}

}  // namespace live::storage
