// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/danmaku_files.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/json.hpp"
#include "base/log.hpp"
#include "recorder/show/danmaku_xml.hpp"

namespace live::recorder {
namespace {

// One line, or nothing when it is no JSON: what follows in the file must stay readable.
void append_raw(std::string& out, std::string_view json, std::int64_t file_ms, WallTime received) {
  if (!Json::accept(json)) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(received.time_since_epoch()).count();
  fmt::format_to(std::back_inserter(out), "{{\"ts\":{}.{:03},\"received\":{},\"message\":", file_ms / 1000,
                 file_ms % 1000, ms);
  // A line break can only stand between values.
  for (const char c : json) out += c == '\n' || c == '\r' ? ' ' : c;
  out += "}\n";
}

}  // namespace

DanmakuFiles::DanmakuFiles(storage::DiskThread& disk, storage::FileSystem& files, const std::string& root,
                           const storage::SegmentFile& segment, liveroom::DanmakuFile kind, std::string head,
                           TimePoint now) {
  if (kind == liveroom::DanmakuFile::none) return;
  xml_ = std::make_unique<storage::CompanionFile>(disk, files, root, segment.stem_on_disk(),
                                                  storage::danmaku_xml, std::move(head), now);
  if (kind != liveroom::DanmakuFile::xml_and_raw) return;
  raw_ = std::make_unique<storage::CompanionFile>(disk, files, root, segment.stem_on_disk(),
                                                  storage::danmaku_lines, std::string(), now);
}

bool DanmakuFiles::message(const bilibili::Message& message, std::string_view json, bool repeated,
                           std::int64_t file_ms, WallTime received) {
  bool whole = true;
  text_.clear();
  if (xml_ && !repeated && append_danmaku_xml(text_, message.content, file_ms)) {
    whole = xml_->append(text_);
    ++(whole ? counts_.written : counts_.dropped);
  }
  if (!raw_) return whole;
  text_.clear();
  append_raw(text_, json, file_ms, received);
  return raw_->append(text_) && whole;
}

void DanmakuFiles::tick(TimePoint now) {
  if (xml_) xml_->tick(now);
  if (raw_) raw_->tick(now);
}

std::size_t DanmakuFiles::waiting_bytes() const {
  return (xml_ ? xml_->waiting_bytes() : 0) + (raw_ ? raw_->waiting_bytes() : 0);
}

awaitable<std::vector<std::string>> DanmakuFiles::publish(std::string stem) {
  std::vector<std::string> paths;
  const std::array<storage::CompanionFile*, 2> all{xml_.get(), raw_.get()};
  for (storage::CompanionFile* file : all) {
    if (file == nullptr) continue;
    const std::string path = co_await file->publish(stem);
    if (!path.empty()) paths.push_back(path);
    if (!file->failure().empty()) {
      log::warning("The chat's file is not whole", {{"video", stem}, {"problem", file->failure()}});
    }
  }
  co_return std::move(paths);
}

awaitable<void> DanmakuFiles::discard() {
  const std::array<storage::CompanionFile*, 2> all{xml_.get(), raw_.get()};
  for (storage::CompanionFile* file : all) {
    if (file != nullptr) {
      co_await file->discard();
    }
  }
}

}  // namespace live::recorder
