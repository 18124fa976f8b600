// SPDX-License-Identifier: Apache-2.0
#include "support/fault_filesystem.hpp"

#include <algorithm>
#include <cerrno>

namespace live::test {
namespace {

[[noreturn]] void fail(int code, const std::string& what) {
  throw system_error(error_code(code, boost::system::system_category()), what);
}

}  // namespace

struct FaultFileSystem::Node {
  Bytes data;
  Bytes synced;
  std::uint64_t locked_by = 0;  // process and file, 0: nobody
  WallTime modified{};
};

class FaultFile final : public storage::File {
 public:
  using Operation = FaultFileSystem::Operation;

  FaultFile(FaultFileSystem& files, std::shared_ptr<FaultFileSystem::Node> node)
      : files_(files), node_(std::move(node)), process_(files.process_) {}
  ~FaultFile() override {
    const std::lock_guard lock(files_.mutex_);
    if (locked_ && process_ == files_.process_) node_->locked_by = 0;
  }

  void write(ByteView bytes) override { put(Operation::write, node_->data.size(), bytes); }
  void write_at(std::uint64_t offset, ByteView bytes) override { put(Operation::write_at, offset, bytes); }

  std::size_t read_at(std::uint64_t offset, std::span<std::uint8_t> to) override {
    const std::lock_guard lock(files_.mutex_);
    files_.begin(Operation::read, false);
    if (offset >= node_->data.size()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), node_->data.size() - offset);
    std::copy_n(node_->data.begin() + static_cast<std::ptrdiff_t>(offset), count, to.begin());
    return count;
  }
  std::uint64_t size() override {
    const std::lock_guard lock(files_.mutex_);
    files_.begin(Operation::other, false);
    return node_->data.size();
  }
  void truncate(std::uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    if (files_.begin(Operation::truncate, true)) throw Killed();
    node_->data.resize(size);
    node_->modified = files_.now_;
  }
  void sync_data() override {
    const std::lock_guard lock(files_.mutex_);
    if (files_.begin(Operation::sync_data, true)) throw Killed();
    node_->synced = node_->data;
  }
  Lock try_lock() override {
    const std::lock_guard lock(files_.mutex_);
    files_.begin(Operation::other, false);
    if (!files_.locks_) return Lock::unsupported;
    if (node_->locked_by != 0) return Lock::held_by_other;
    node_->locked_by = process_;
    locked_ = true;
    return Lock::taken;
  }

 private:
  void put(Operation operation, std::uint64_t offset, ByteView bytes) {
    const std::lock_guard lock(files_.mutex_);
    if (files_.begin(operation, true)) {
      files_.write_bytes(*node_, offset, bytes.first(bytes.size() / 2));
      throw Killed();
    }
    files_.write_bytes(*node_, offset, bytes);
  }

  FaultFileSystem& files_;
  std::shared_ptr<FaultFileSystem::Node> node_;
  std::uint64_t process_;
  bool locked_ = false;
};

FaultFileSystem::FaultFileSystem() = default;
FaultFileSystem::~FaultFileSystem() = default;

bool FaultFileSystem::begin(Operation operation, bool changes) {
  if (hook_) hook_(operation);
  if (killed_) throw Killed();
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != operation || fault->skip-- > 0) continue;
    const int code = fault->code;
    faults_.erase(fault);
    fail(code, "injected");
  }
  if (!changes) return false;
  if (kill_after_ && changes_ >= *kill_after_) {
    killed_ = true;
    return true;
  }
  ++changes_;
  return false;
}

std::uint64_t FaultFileSystem::used() const {
  std::uint64_t total = 0;
  for (const auto& [path, node] : names_) total += node->data.size();
  return total;
}

void FaultFileSystem::write_bytes(Node& node, std::uint64_t offset, ByteView bytes) {
  bool full = false;
  node.modified = now_;
  if (capacity_ && offset + bytes.size() > node.data.size()) {
    const std::uint64_t total = used();
    const std::uint64_t room = *capacity_ > total ? *capacity_ - total : 0;
    const std::uint64_t most = node.data.size() + room;
    if (offset + bytes.size() > most) {
      full = true;
      bytes = bytes.first(static_cast<std::size_t>(most > offset ? most - offset : 0));
    }
  }
  if (offset + bytes.size() > node.data.size()) node.data.resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), node.data.begin() + static_cast<std::ptrdiff_t>(offset));
  if (full) fail(ENOSPC, "write");
}

std::shared_ptr<FaultFileSystem::Node> FaultFileSystem::find(const std::string& path,
                                                             const char* operation) const {
  const auto found = names_.find(path);
  if (found == names_.end()) fail(ENOENT, std::string(operation) + " " + path);
  return found->second;
}

std::unique_ptr<storage::File> FaultFileSystem::open(const std::string& path, storage::OpenMode mode) {
  const std::lock_guard lock(mutex_);
  const bool exists = names_.contains(path);
  const bool creates = mode != storage::OpenMode::existing && mode != storage::OpenMode::read_only;
  if (begin(Operation::open, creates && !exists)) throw Killed();
  if (!exists && !creates) fail(ENOENT, "open " + path);
  if (exists && mode == storage::OpenMode::create_new) fail(EEXIST, "open " + path);
  if (!exists) {
    if (!directories_.contains(std::string(storage::directory_of(path)))) fail(ENOENT, "open " + path);
    names_[path] = std::make_shared<Node>();
  }
  if (mode == storage::OpenMode::create_or_truncate) names_[path]->data.clear();
  return std::make_unique<FaultFile>(*this, names_[path]);
}

std::optional<storage::FileStat> FaultFileSystem::stat(const std::string& path) {
  const std::lock_guard lock(mutex_);
  begin(Operation::other, false);
  storage::FileStat result;
  if (directories_.contains(path)) {
    result.is_directory = true;
    return result;
  }
  const auto found = names_.find(path);
  if (found == names_.end()) return std::nullopt;
  result.size = found->second->data.size();
  result.modified = found->second->modified;
  return result;
}

std::vector<std::string> FaultFileSystem::list(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  begin(Operation::other, false);
  std::vector<std::string> names;
  const auto add = [&](const std::string& path) {
    if (path != directory && storage::directory_of(path) == directory)
      names.emplace_back(storage::name_of(path));
  };
  for (const auto& [path, node] : names_) add(path);
  for (const auto& [path, made] : directories_) add(path);
  return names;
}

// Directories are taken as made for good: that a new one may be lost is not modelled.
void FaultFileSystem::make_directories(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (begin(Operation::other, !directories_.contains(directory))) throw Killed();
  for (std::size_t end = 1; end <= directory.size(); ++end) {
    if (end == directory.size() || directory[end] == '/') directories_[directory.substr(0, end)] = true;
  }
}

void FaultFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (begin(Operation::rename, true)) throw Killed();
  const std::shared_ptr<Node> node = find(from, "rename");
  names_.erase(from);
  names_[to] = node;
}

bool FaultFileSystem::rename_new(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (names_.contains(to)) return false;
  rename(from, to);
  return true;
}

bool FaultFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (begin(Operation::remove, names_.contains(path))) throw Killed();
  return names_.erase(path) > 0;
}

void FaultFileSystem::sync_directory(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (begin(Operation::sync_directory, true)) throw Killed();
  const auto in_it = [&](const auto& entry) { return storage::directory_of(entry.first) == directory; };
  std::erase_if(synced_names_, in_it);
  for (const auto& entry : names_) {
    if (in_it(entry)) synced_names_.insert(entry);
  }
}

storage::FileSystemSpace FaultFileSystem::space(const std::string&) {
  const std::lock_guard lock(mutex_);
  begin(Operation::other, false);
  const std::uint64_t total = capacity_.value_or(std::uint64_t{1} << 40);
  return {total - std::min(total, used()), total};
}

void FaultFileSystem::set_capacity(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void FaultFileSystem::fail_next(Operation operation, int code, int skip) {
  const std::lock_guard lock(mutex_);
  faults_.push_back({operation, code, skip});
}

std::uint64_t FaultFileSystem::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void FaultFileSystem::kill_after(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  kill_after_ = count;
}

bool FaultFileSystem::killed() const {
  const std::lock_guard lock(mutex_);
  return killed_;
}

void FaultFileSystem::restart() {
  const std::lock_guard lock(mutex_);
  killed_ = false;
  kill_after_.reset();
  faults_.clear();
  ++process_;
  for (auto& [path, node] : names_) node->locked_by = 0;
}

void FaultFileSystem::lose_power() {
  const std::lock_guard lock(mutex_);
  names_ = synced_names_;
  for (auto& [path, node] : names_) node->data = node->synced;
  restart();
}

void FaultFileSystem::set_locks(bool supported) {
  const std::lock_guard lock(mutex_);
  locks_ = supported;
}

void FaultFileSystem::set_time(WallTime now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

void FaultFileSystem::set_hook(std::function<void(Operation)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

bool FaultFileSystem::exists(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return names_.contains(path);
}

Bytes FaultFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return find(path, "content")->data;
}

void FaultFileSystem::put(const std::string& path, Bytes content) {
  const std::lock_guard lock(mutex_);
  make_directories(std::string(storage::directory_of(path)));
  auto node = std::make_shared<Node>();
  node->data = content;
  node->modified = now_;
  node->synced = std::move(content);
  names_[path] = node;
  synced_names_[path] = node;
}

std::vector<std::string> FaultFileSystem::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, node] : names_) paths.push_back(path);
  return paths;
}

}  // namespace live::test
