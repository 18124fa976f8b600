// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/side_files.hpp"

#include "base/log.hpp"
#include "base/stop.hpp"
#include "recorder/bilibili/api_client.hpp"
#include "recorder/show/danmaku_xml.hpp"
#include "recorder/show/leftovers.hpp"
#include "recorder/storage/recording_manifest.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {
namespace {

bool is_picture(std::string_view bytes) {
  return bytes.starts_with("\xFF\xD8\xFF") || bytes.starts_with("\x89PNG") || bytes.starts_with("GIF8") ||
         (bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP");
}

std::string head_of(const SideFileSettings& settings, const ShowFacts& facts, WallTime opened) {
  if (settings.danmaku == liveroom::DanmakuFile::none) return {};
  return danmaku_xml_head(facts, opened, settings.time_zone);
}

}  // namespace

SideFiles::SideFiles(Clock& clock, storage::DiskThread& disk, storage::FileSystem& files, std::string root,
                     storage::SegmentFile& segment, SideFileSettings settings, const ShowFacts& facts,
                     WallTime opened)
    : clock_(clock),
      disk_(disk),
      files_(files),
      root_(std::move(root)),
      segment_(segment),
      settings_(std::move(settings)),
      cover_url_(facts.room.cover_url),
      danmaku_(disk, files, root_, segment, settings_.danmaku, head_of(settings_, facts, opened),
               clock.now()),
      record_(facts, opened),
      cover_ended_(disk.executor()) {}

flv::ArrivalTime SideFiles::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
}

bool SideFiles::message(const bilibili::Message& message, std::string_view json, bool repeated) {
  return danmaku_.message(message, json, repeated, file_clock_.at(now()), clock_.wall_now());
}

void SideFiles::set_room(const bilibili::RoomInfo& room) {
  record_.room(room, file_clock_.at(now()), clock_.wall_now());
}

void SideFiles::tick(TimePoint now) { danmaku_.tick(now); }

awaitable<void> SideFiles::save_cover() {
  const bool wanted =
      settings_.cover == liveroom::CoverFile::save && settings_.api != nullptr && !cover_url_.empty();
  if (!wanted) co_return;
  cover_running_ = true;
  const std::stop_token stop = cover_stop_.get_token();
  co_await segment_.opened();
  std::string picture;
  try {
    picture = co_await fetch_cover(stop);
  } catch (const Stopped&) {
  }
  if (!picture.empty() && !segment_.stem().empty()) {
    const std::string path = segment_.stem() + std::string(cover_suffix);
    const auto save = [this, &picture, &path] {
      const std::string whole = storage::join_path(root_, path);
      if (!files_.stat(whole)) storage::replace_file(files_, whole, as_bytes(picture));
    };
    try {
      co_await disk_.run(save);
      cover_path_ = path;
    } catch (const system_error& error) {
      log::warning("The cover could not be saved", {{"file", path}, {"problem", error.what()}});
    }
  }
  cover_running_ = false;
  cover_ended_.notify();
}

awaitable<std::string> SideFiles::fetch_cover(std::stop_token stop) {
  std::string problem;
  for (int attempt = 1; attempt <= cover_attempts; ++attempt) {
    const bilibili::ApiResult<std::string> picture =
        co_await settings_.api->picture(cover_url_, max_cover_bytes, stop);
    if (picture && is_picture(*picture)) co_return *picture;
    problem = picture ? "the answer is no picture" : picture.error().message;
    if (attempt == cover_attempts) break;
    const bool passed = co_await clock_.sleep_for(cover_retry, stop);
    if (!passed) co_return std::string();
  }
  log::info("No cover is saved", {{"problem", problem}});
  co_return std::string();
}

awaitable<void> SideFiles::leave() {
  cover_stop_.request_stop();
  const std::stop_token never;
  while (cover_running_) {
    co_await cover_ended_.wait(never);
  }
}

awaitable<void> SideFiles::publish(storage::PublishedFile video, SegmentTotals totals) {
  const std::vector<std::string> chat = co_await danmaku_.publish(video.stem);
  co_await leave();
  totals.danmaku_written = danmaku_.counts().written;
  totals.danmaku_dropped = danmaku_.counts().dropped;
  std::vector<std::string> names{std::string(storage::name_of(video.path))};
  for (const std::string& path : chat) names.emplace_back(storage::name_of(path));
  const std::string cover_to = video.stem + std::string(cover_suffix);
  const bool has_cover = !cover_path_.empty();
  if (has_cover) names.emplace_back(storage::name_of(cover_to));
  const std::string text = record_.text(totals, names);
  const auto save = [this, has_cover, &cover_to, &video, &text] {
    // The video may have got another number at its end.
    if (has_cover && cover_path_ != cover_to) {
      files_.rename_new(storage::join_path(root_, cover_path_), storage::join_path(root_, cover_to));
    }
    storage::describe(files_, root_, video.stem, text);
  };
  try {
    co_await disk_.run(save);
  } catch (const system_error& error) {
    log::warning("The recording's description could not be saved; the next start tries again",
                 {{"file", video.path}, {"problem", error.what()}});
  }
}

awaitable<void> SideFiles::discard() {
  co_await danmaku_.discard();
  co_await leave();
  if (cover_path_.empty()) co_return;
  const auto away = [this] { storage::move_to_trash(files_, root_, cover_path_); };
  try {
    co_await disk_.run(away);
  } catch (const system_error&) {
    // It stays; nobody is hurt by it.
  }
}

}  // namespace live::recorder
