// SPDX-License-Identifier: Apache-2.0
#include "recorder/leftovers.hpp"

#include "recorder/journal.hpp"
#include "recorder/segment_record.hpp"
#include "recorder/storage/companion.hpp"
#include "recorder/storage/recording_manifest.hpp"
#include "recorder/storage/segment_name.hpp"

namespace live::recorder {
namespace {

using storage::join_path;

void move_cover(storage::FileSystem& files, const std::string& root, const std::string& from,
                const std::string& to) {
  if (from != to) files.rename_new(join_path(root, from), join_path(root, to));
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
    const std::string text = record_of_journal(result.video.journal, totals, names);
    if (text.empty()) return result;
    storage::replace_file(files, join_path(root, to + std::string(storage::manifest_suffix)), as_bytes(text));
  } catch (const std::exception&) {
    // The video has its name; the rest stays as it is.
  }
  return result;
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
