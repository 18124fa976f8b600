// SPDX-License-Identifier: Apache-2.0
#include "recorder/storage/directory_lock.hpp"

#include "base/json.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::storage {
namespace {

constexpr std::size_t longest_record = 4096;

LockHolder parse_holder(std::string_view text) {
  const Json record = parse_json(text);
  LockHolder holder;
  holder.name = json_string(json_at(record, "/holder")).value_or("");
  holder.pid = json_int(json_at(record, "/pid")).value_or(0);
  holder.started = json_int(json_at(record, "/started")).value_or(0);
  return holder;
}

std::string record_of(const LockHolder& holder, std::uint64_t beats) {
  Json record = Json::object();
  record["holder"] = holder.name;
  record["pid"] = holder.pid;
  record["started"] = holder.started;
  record["beats"] = beats;
  return dump_json(record) + "\n";
}

LockHolder read_holder(File& file) {
  std::string text(longest_record, '\0');
  text.resize(file.read_at(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
  return parse_holder(text);
}

// The process of that number is we ourselves now, so the one that wrote it has ended.
bool is_dead(const LockHolder& holder, const LockHolder& self) {
  return holder.name == self.name && holder.pid == self.pid && holder.started != self.started;
}

}  // namespace

DirectoryLock::Outcome DirectoryLock::acquire(FileSystem& files, const std::string& directory,
                                              const LockHolder& self, HeartbeatWatch& watch, TimePoint now) {
  const std::string folder = join_path(directory, private_directory);
  const std::string heartbeat = join_path(folder, "heartbeat");
  files.make_directories(folder);
  std::unique_ptr<File> file = files.open(join_path(folder, "lock"), OpenMode::create_or_open);
  const auto held = [&](std::unique_ptr<File> lock) {
    return std::unique_ptr<DirectoryLock>(new DirectoryLock(files, heartbeat, self, std::move(lock)));
  };
  switch (file->try_lock()) {
    case File::Lock::held_by_other:
      return HeldBy{read_holder(*file)};
    case File::Lock::taken: {
      file->truncate(0);
      file->write_at(0, as_bytes(record_of(self, 0)));
      return held(std::move(file));
    }
    case File::Lock::unsupported:
      break;
  }
  const std::optional<std::string> record = read_whole(files, heartbeat, longest_record);
  if (record) {
    const LockHolder holder = parse_holder(*record);
    if (holder == self) return held(nullptr);
    if (*record != watch.record) watch = {*record, now};
    if (!is_dead(holder, self) && now - watch.since < takeover_after) return HeldBy{holder};
  }
  replace_file(files, heartbeat, as_bytes(record_of(self, 0)));
  watch = {};
  return Claimed{};
}

bool DirectoryLock::beat() {
  const std::optional<std::string> record = read_whole(files_, heartbeat_, longest_record);
  if (record && parse_holder(*record) != self_) return false;
  replace_file(files_, heartbeat_, as_bytes(record_of(self_, ++beats_)));
  return true;
}

void DirectoryLock::release() {
  file_.reset();
  const std::optional<std::string> record = read_whole(files_, heartbeat_, longest_record);
  if (record && parse_holder(*record) == self_) files_.remove(heartbeat_);
}

}  // namespace live::storage
