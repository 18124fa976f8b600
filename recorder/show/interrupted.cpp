// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/interrupted.hpp"

#include <algorithm>

namespace live::recorder {

namespace {

std::optional<Journal> journal_of_show(const storage::Leftover& leftover) {
  std::optional<Journal> journal = Journal::parse(leftover.journal);
  if (!journal || journal->facts().session.empty()) return std::nullopt;
  const bilibili::Show& show = journal->facts().show;
  if (show.key.empty() && !show.start) return std::nullopt;
  return journal;
}

}  // namespace

std::optional<Interrupted> ended_fmp4(storage::FileSystem& files, const std::string& root,
                                      const storage::Leftover& leftover, const std::string& published) {
  if (!storage::is_mp4(published)) return std::nullopt;
  std::optional<Journal> journal = journal_of_show(leftover);
  if (!journal) return std::nullopt;
  Interrupted result{leftover, *std::move(journal), tail_of_file(files, root, published)};
  RecordingTail& tail = result.tail;
  if (tail.empty()) return std::nullopt;
  tail.written = leftover.modified;
  tail.source_offset = result.journal.source_offset().value_or(0);
  tail.zero_wall_ms = unix_ms(tail.written) - (*tail.fragments_end + tail.source_offset);
  return result;
}

std::optional<Interrupted> interrupted(storage::FileSystem& files, const std::string& root,
                                       const storage::Leftover& leftover) {
  if (!leftover.error.empty() || leftover.scan.media_tags < storage::min_media_tags) return std::nullopt;
  std::optional<Journal> journal = journal_of_show(leftover);
  if (!journal) return std::nullopt;
  flv::FileTail end = storage::tail_of(files, root, leftover);
  if (end.tags.empty()) return std::nullopt;
  Interrupted result{leftover, *std::move(journal), {}};
  RecordingTail& tail = result.tail;
  tail.tags = std::move(end.tags);
  tail.last_time = end.last_time;
  tail.written = leftover.modified;
  const std::int64_t last = std::max(end.last_time[0].value_or(0), end.last_time[1].value_or(0));
  // Times of a file that was written anew are not those of the journal any more.
  const std::optional<std::int64_t> offset =
      leftover.hole_bytes == 0 ? result.journal.source_offset() : std::nullopt;
  tail.source_offset = offset.value_or(0);
  // The last tag came just before the last write. Where the journal knows a sooner one that counts.
  tail.zero_wall_ms = unix_ms(leftover.modified) - (last + tail.source_offset);
  if (offset && result.journal.zero_wall_ms())
    tail.zero_wall_ms = std::min(*tail.zero_wall_ms, *result.journal.zero_wall_ms());
  return result;
}

liveroom::FinishedFile finished_file(const storage::RecoveredFile& video, const Journal& journal,
                                     const std::string& prefix) {
  liveroom::FinishedFile finished;
  finished.file = prefix.empty() ? video.path : prefix + "/" + video.path;
  finished.start = journal.opened();
  finished.bytes = static_cast<std::int64_t>(video.size);
  finished.seconds = video.duration_ms / 1000;
  finished.milliseconds = video.duration_ms;
  finished.lost_seconds = (journal.lost_ms() + 999) / 1000;
  return finished;
}

}  // namespace live::recorder
