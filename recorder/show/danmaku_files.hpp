// SPDX-License-Identifier: Apache-2.0
// The chat beside one video: STEM.xml and, when wanted, every message as a line of JSON in
// STEM.danmaku.jsonl.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "liveroom/spec.hpp"
#include "recorder/bilibili/message.hpp"
#include "recorder/show/file_clock.hpp"
#include "recorder/show/show_facts.hpp"
#include "recorder/storage/companion_file.hpp"
#include "recorder/storage/segment_file.hpp"

namespace live::recorder {

struct DanmakuCounts {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;  // too much was waiting for the volume, or it failed
};

class DanmakuFiles {
 public:
  // `segment`: the video, whose name they get.
  DanmakuFiles(storage::DiskThread& disk, storage::FileSystem& files, const std::string& root,
               const storage::SegmentFile& segment, liveroom::DanmakuFile kind, std::string head,
               TimePoint now);

  // `repeated`: told before; it stands in the raw file only. False when some of it was dropped.
  bool message(const bilibili::Message& message, std::string_view json, bool repeated, std::int64_t file_ms,
               WallTime received);
  void tick(TimePoint now);

  std::size_t waiting_bytes() const;
  const DanmakuCounts& counts() const { return counts_; }

  // Names below the root of what there is then, beside the video `stem`.
  awaitable<std::vector<std::string>> publish(std::string stem);
  awaitable<void> discard();

 private:
  std::unique_ptr<storage::CompanionFile> xml_;
  std::unique_ptr<storage::CompanionFile> raw_;
  std::string text_;  // of the message in hand
  DanmakuCounts counts_;
};

}  // namespace live::recorder
