// SPDX-License-Identifier: Apache-2.0
// What is kept beside one video: the chat, the cover, and STEM.json, which says what the video is and lists
// the rest. None of it ever holds the video up or fails it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/notifier.hpp"
#include "liveroom/spec.hpp"
#include "recorder/flv/sink.hpp"
#include "recorder/show/danmaku_files.hpp"
#include "recorder/show/segment_record.hpp"

namespace live::bilibili {
class ApiClient;
}

namespace live::recorder {

struct SideFileSettings {
  liveroom::DanmakuFile danmaku = liveroom::DanmakuFile::none;
  liveroom::CoverFile cover = liveroom::CoverFile::none;
  std::string time_zone = "UTC";
  bilibili::ApiClient* api = nullptr;  // for the cover; outlives the files
};

class SideFiles {
 public:
  // Tries for a cover; between them it waits.
  static constexpr int cover_attempts = 3;
  static constexpr Duration cover_retry = std::chrono::seconds(5);
  static constexpr std::size_t max_cover_bytes = std::size_t{4} << 20;

  // `segment` is the video and outlives this; `root` is the recording directory.
  SideFiles(Clock& clock, storage::DiskThread& disk, storage::FileSystem& files, std::string root,
            storage::SegmentFile& segment, SideFileSettings settings, const ShowFacts& facts,
            WallTime opened);

  // Where in the video things are that happen now.
  FileClock& file_clock() { return file_clock_; }
  SegmentRecord& record() { return record_; }

  // False when some of it was dropped.
  bool message(const bilibili::Message& message, std::string_view json, bool repeated);
  void set_room(const bilibili::RoomInfo& room);
  void tick(TimePoint now);
  std::size_t waiting_bytes() const { return danmaku_.waiting_bytes(); }

  // Fetches and saves the cover, when one is wanted. Ends by itself, and soon after publish() or discard()
  // began; to be run once.
  awaitable<void> save_cover();

  // After the video has got its name.
  awaitable<void> publish(storage::PublishedFile video, SegmentTotals totals);
  awaitable<void> discard();
  // The video stays as it is for the next start, and so does all of this.
  awaitable<void> leave();

 private:
  flv::ArrivalTime now() const;
  awaitable<std::string> fetch_cover(std::stop_token stop);

  Clock& clock_;
  storage::DiskThread& disk_;
  storage::FileSystem& files_;
  std::string root_;
  storage::SegmentFile& segment_;
  SideFileSettings settings_;
  std::string cover_url_;
  DanmakuFiles danmaku_;
  FileClock file_clock_;
  SegmentRecord record_;
  std::stop_source cover_stop_;
  bool cover_running_ = false;
  std::string cover_path_;  // below the root, once it is saved
  Notifier cover_ended_;
};

}  // namespace live::recorder
