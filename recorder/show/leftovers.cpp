// SPDX-License-Identifier: Apache-2.0
#include "recorder/show/leftovers.hpp"

#include "base/json.hpp"
#include "recorder/show/journal.hpp"
#include "recorder/show/segment_record.hpp"
#include "recorder/storage/companion.hpp"
#include "recorder/storage/lone_journal.hpp"
#include "recorder/storage/recording_manifest.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {
namespace {

using storage::join_path;

void move_cover(storage::FileSystem& files, const std::string& root, const std::string& from,
                const std::string& to) {
  if (from != to) files.rename_new(join_path(root, from), join_path(root, to));
}

// What is there beside a published video, below the root.
std::vector<std::string> companions_of(storage::FileSystem& files, const std::string& root,
                                       const std::string& stem) {
  std::vector<std::string> names;
  for (const storage::CompanionKind& kind : storage::companion_kinds)
    names.push_back(stem + "." + std::string(kind.extension));
  names.push_back(stem + std::string(cover_suffix));
  std::erase_if(names, [&](const std::string& name) { return !files.stat(join_path(root, name)); });
  return names;
}

std::string record_of(storage::FileSystem& files, const std::string& root, const storage::LoneJournal& lone) {
  const std::string path = join_path(root, lone.stem + std::string(storage::journal_suffix));
  const std::string text = storage::read_whole(files, path).value_or("");
  const std::optional<Journal> journal = Journal::parse(text);
  const std::optional<storage::FileStat> video = files.stat(join_path(root, lone.video));
  if (!journal || !video) return {};
  SegmentTotals totals;
  totals.end = video->modified;
  totals.bytes = video->size;
  totals.lost_ms = journal->lost_ms();
  std::int64_t last_ms = -1;
  for (const std::optional<std::int64_t>& last : storage::tail_of(files, root, lone.video).last_time)
    last_ms = std::max(last_ms, last.value_or(-1));
  // The journal may be a minute older than the end, but of an fMP4 file nothing else says how long it is.
  const std::int64_t by_journal = json_int(json_at(parse_json(text), "/durationMs")).value_or(0);
  totals.duration_ms = last_ms >= 0 ? last_ms : by_journal;
  std::vector<std::string> names{std::string(storage::name_of(lone.video))};
  for (const std::string& one : companions_of(files, root, lone.stem))
    names.emplace_back(storage::name_of(one));
  return record_of_journal(text, totals, names);
}

}  // namespace

RecoveredSegment recover_segment(storage::FileSystem& files, const std::string& root,
                                 const std::string& part_path) {
  return recover_segment(files, root, storage::examine(files, root, part_path));
}

RecoveredSegment recover_segment(storage::FileSystem& files, const std::string& root,
                                 const storage::Leftover& leftover) {
  RecoveredSegment result;
  const std::string stem = storage::split_part_path(leftover.part_path).stem;
  SegmentTotals totals;
  totals.end = leftover.modified;  // the file was last written when the recorder ended
  if (const std::optional<Journal> journal = Journal::parse(leftover.journal))
    totals.lost_ms = journal->lost_ms();
  result.video = storage::recover(files, root, leftover);
  if (!result.video.error.empty()) return result;
  const std::string cover = stem + std::string(cover_suffix);
  try {
    const bool has_cover = files.stat(join_path(root, cover)).has_value();
    if (result.video.path.empty()) {
      storage::discard_companions(files, root, stem);
      if (has_cover) storage::move_to_trash(files, root, cover);
      return result;
    }
    const std::string to = result.video.path.substr(0, result.video.path.rfind('.'));
    result.companions = storage::recover_companions(files, root, stem, to);
    if (has_cover) {
      result.companions.push_back(to + std::string(cover_suffix));
      move_cover(files, root, cover, result.companions.back());
    }
    std::vector<std::string> names{std::string(storage::name_of(result.video.path))};
    for (const std::string& path : result.companions) names.emplace_back(storage::name_of(path));
    totals.duration_ms = result.video.duration_ms;
    totals.bytes = result.video.size;
    storage::describe(files, root, to, record_of_journal(result.video.journal, totals, names));
  } catch (const std::exception&) {
    // The video has its name; the rest stays as it is.
  }
  return result;
}

std::vector<std::string> recover_lone_records(storage::FileSystem& files, const std::string& root) {
  std::vector<std::string> videos;
  try {
    for (const storage::LoneJournal& lone : storage::find_lone_journals(files, root)) {
      const bool wanted = !lone.video.empty() && !lone.described;
      storage::describe(files, root, lone.stem, wanted ? record_of(files, root, lone) : std::string());
      if (wanted) videos.push_back(lone.video);
    }
  } catch (const std::exception&) {
    // At the next start.
  }
  return videos;
}

std::vector<std::string> recover_lone_companions(storage::FileSystem& files, const std::string& root) {
  std::vector<std::string> paths;
  try {
    for (const std::string& stem : storage::find_lone_companions(files, root)) {
      for (std::string& path : storage::recover_companions(files, root, stem, stem))
        paths.push_back(std::move(path));
    }
  } catch (const std::exception&) {
    // At the next start.
  }
  return paths;
}

}  // namespace live::recorder
